/** What happened at the edges of the application, in order. */
export interface DesktopRecord {
  /** Requests to anywhere but the application's own scheme; all were refused. */
  requests: string[];
  /** Own requests with the status they were answered with, by the URL that the application saw. */
  answers: { url: string; status: number }[];
  popups: { url: string; action: string }[];
  navigations: { url: string; prevented: boolean }[];
  /** Error boxes that were shown. */
  errorBoxes: string[];
  /** What went wrong in a page or preload. */
  problems: string[];
  lifecycle: string[];
}

export const newRecord = (): DesktopRecord => ({
  requests: [],
  answers: [],
  popups: [],
  navigations: [],
  errorBoxes: [],
  problems: [],
  lifecycle: [],
});

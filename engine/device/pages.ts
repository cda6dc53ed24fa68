/**
 * Visits the parts of a run of bytes page by page: the page's number, where in it the part begins, where in the run, and how long it is.
 */
export function eachPage(
  pageBytes: number,
  start: bigint,
  byteLength: number,
  visit: (page: bigint, inPage: number, at: number, length: number) => void,
): void {
  const size = BigInt(pageBytes);
  for (let at = 0; at < byteLength; ) {
    const position = start + BigInt(at);
    const inPage = Number(position % size);
    const length = Math.min(pageBytes - inPage, byteLength - at);
    visit(position / size, inPage, at, length);
    at += length;
  }
}

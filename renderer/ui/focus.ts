/** Remembers what has the focus; the function gives it back where nothing else took it since `within` had it. */
export function rememberFocus(): (within: Element | null | undefined) => void {
  const before = document.activeElement;
  return (within) => {
    const now = document.activeElement;
    const isFree = now === null || now === document.body || within?.contains(now);
    if (isFree && before instanceof HTMLElement && before.isConnected) before.focus();
  };
}

const focusable = '[tabindex="0"], button:not(:disabled, [tabindex="-1"]), input:not(:disabled, [tabindex="-1"]), a[href]';

/** Focuses what a pane says is to be focused first, else what it is about, its grid, tree, list or picture, before anything else in it that takes the focus; at the least the pane itself. */
export function focusPane(pane: HTMLElement | null | undefined): void {
  if (!pane) return;
  const target =
    pane.querySelector<HTMLElement>("[data-first-focus]:not(:disabled)") ??
    pane.querySelector<HTMLElement>('[role="grid"][tabindex="0"], [role="tree"], [role="listbox"]') ??
    pane.querySelector<HTMLElement>('[role="img"][tabindex="0"]') ??
    pane.querySelector<HTMLElement>(focusable) ??
    pane;
  if (target === pane) pane.tabIndex = -1;
  target.focus();
}

/** Whether a key is meant for the window: lists and grids leave those alone. */
export const isChord = (event: { altKey: boolean; ctrlKey: boolean; metaKey: boolean }): boolean =>
  event.altKey || event.ctrlKey || event.metaKey;

/** Remembers what has the focus; the function gives it back where nothing else took it since `within` had it. */
export function rememberFocus(): (within: Element | null | undefined) => void {
  const before = document.activeElement;
  return (within) => {
    const now = document.activeElement;
    const isFree = now === null || now === document.body || within?.contains(now);
    if (isFree && before instanceof HTMLElement && before.isConnected) before.focus();
  };
}

/** Focuses what a pane is about, its grid, tree or list, before anything else in it that takes the focus. */
export function focusPane(pane: HTMLElement | null | undefined): void {
  const first = (selector: string) => pane?.querySelector<HTMLElement>(selector);
  const target =
    first('[role="grid"][tabindex="0"], [role="tree"], [role="listbox"]') ??
    first('[tabindex="0"]') ??
    first("button:not(:disabled), input") ??
    pane;
  target?.focus();
}

import { Menu } from "@blueprintjs/core";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";

/** A menu that takes the focus when it opens and is walked by the arrow keys, Home and End. */
export function KeyMenu({ label, children }: { label: string; children: ReactNode }) {
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.focus(), []);
  return (
    <Menu size="small" aria-label={label} ulRef={list} tabIndex={-1} onKeyDown={move}>
      {children}
    </Menu>
  );
}

/** A heading over items of a menu. */
export const MenuTitle = ({ children }: { children: ReactNode }) => (
  <li role="none" className="menu-title">
    {children}
  </li>
);

function move(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role="menuitem"]:not([aria-disabled="true"])')];
  const at = items.findIndex((item) => item.contains(document.activeElement));
  const to = { ArrowDown: at + 1, ArrowUp: at < 0 ? items.length - 1 : at - 1, Home: 0, End: items.length - 1 }[event.key];
  if (to === undefined || items.length === 0) return;
  event.preventDefault();
  event.stopPropagation();
  items[(to + items.length) % items.length]?.focus();
}

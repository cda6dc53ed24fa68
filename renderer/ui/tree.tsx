import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from "react";
import { isChord } from "./focus.ts";

export interface TreeItem {
  id: string;
  name: string;
  children?: readonly TreeItem[] | undefined;
}
interface Row<Item> {
  item: Item;
  level: number;
  position: number;
  size: number;
  parent: number;
}

const rowPixels = 24;

function flatten<Item extends TreeItem>(
  items: readonly Item[],
  open: ReadonlySet<string>,
  level = 1,
  parent = -1,
  rows: Row<Item>[] = [],
): Row<Item>[] {
  for (const [index, item] of items.entries()) {
    rows.push({ item, level, position: index + 1, size: items.length, parent });
    if (item.children && open.has(item.id)) flatten(item.children as readonly Item[], open, level + 1, rows.length - 1, rows);
  }
  return rows;
}

/** A tree with roles, arrow keys, Home, End, typing to find and `*` to open all siblings; only the visible rows exist. */
export function Tree<Item extends TreeItem>({
  items,
  label,
  selectedId,
  initiallyOpen,
  onSelect,
  onOpen,
  children,
}: {
  items: readonly Item[];
  label: string;
  selectedId: string | undefined;
  initiallyOpen: readonly string[];
  onSelect: (item: Item) => void;
  onOpen?: (item: Item) => void;
  /** How a row looks behind its arrow. */
  children: (item: Item) => ReactNode;
}) {
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(initiallyOpen));
  const [focused, setFocused] = useState(0);
  const typed = useRef({ text: "", at: 0 });
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => flatten(items, open), [items, open]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowPixels,
    overscan: 8,
  });
  const active = Math.min(focused, Math.max(0, rows.length - 1));
  useEffect(() => {
    const index = rows.findIndex((row) => row.item.id === selectedId);
    if (index >= 0) setFocused(index);
  }, [rows, selectedId]);

  const move = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    setFocused(next);
    virtual.scrollToIndex(next);
    const row = rows[next];
    if (row) onSelect(row.item);
  };
  const toggle = (id: string, on: boolean) =>
    setOpen((before) => {
      const after = new Set(before);
      if (on) after.add(id);
      else after.delete(id);
      return after;
    });
  const keys = (event: KeyboardEvent) => {
    const row = rows[active];
    if (!row || isChord(event)) return;
    const isOpen = open.has(row.item.id);
    const handled: Record<string, () => void> = {
      ArrowDown: () => move(active + 1),
      ArrowUp: () => move(active - 1),
      Home: () => move(0),
      End: () => move(rows.length - 1),
      ArrowRight: () => (row.item.children && !isOpen ? toggle(row.item.id, true) : row.item.children && move(active + 1)),
      ArrowLeft: () => (row.item.children && isOpen ? toggle(row.item.id, false) : row.parent >= 0 && move(row.parent)),
      Enter: () => onOpen?.(row.item),
      "*": () => {
        const siblings = rows.filter((each) => each.parent === row.parent && each.item.children);
        setOpen((before) => new Set([...before, ...siblings.map((each) => each.item.id)]));
      },
    };
    const act = handled[event.key];
    if (act) act();
    else if (event.key.length === 1 && event.key !== " ") {
      const now = Date.now();
      typed.current = {
        text: now - typed.current.at < 700 ? typed.current.text + event.key.toLowerCase() : event.key.toLowerCase(),
        at: now,
      };
      const found = [...rows.slice(active + (typed.current.text.length > 1 ? 0 : 1)), ...rows].find((each) =>
        each.item.name.toLowerCase().startsWith(typed.current.text),
      );
      if (found) move(rows.indexOf(found));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={scroller}
      className="tree"
      role="tree"
      aria-label={label}
      tabIndex={0}
      aria-activedescendant={rows[active] && `tree-${rows[active].item.id}`}
      onKeyDown={keys}
    >
      <div className="tree-space" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((place) => {
          const row = rows[place.index];
          if (!row) return null;
          const { item } = row;
          const isOpen = item.children ? open.has(item.id) : undefined;
          return (
            <div
              key={item.id}
              id={`tree-${item.id}`}
              role="treeitem"
              tabIndex={-1}
              aria-level={row.level}
              aria-posinset={row.position}
              aria-setsize={row.size}
              aria-expanded={isOpen}
              aria-selected={item.id === selectedId}
              className={`tree-row${place.index === active ? " is-active" : ""}`}
              style={{ transform: `translateY(${place.start}px)`, paddingLeft: row.level * 14 }}
              onClick={() => {
                setFocused(place.index);
                onSelect(item);
              }}
              onDoubleClick={() => onOpen?.(item)}
              onKeyDown={keys}
            >
              <span
                className={`tree-arrow${isOpen ? " is-open" : ""}`}
                aria-hidden
                onClick={(event) => {
                  event.stopPropagation();
                  if (item.children) toggle(item.id, !isOpen);
                }}
              >
                {item.children ? "›" : ""}
              </span>
              {children(item)}
            </div>
          );
        })}
      </div>
    </div>
  );
}

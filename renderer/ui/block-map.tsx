import { type KeyboardEvent, type MouseEvent, type PointerEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { CurvePoint } from "./block-map-curve.ts";
import { drawMap, type MapColours } from "./block-map-draw.ts";
import type { Fault } from "./block-map-faults.ts";
import { TileCache, type TileSource } from "./block-map-tiles.ts";
import { blockAt, type CanvasSize, cellOf, type MapView, panned, zoomed } from "./block-map-view.ts";
import "./block-map.css";

export interface BlockMapProps {
  summary: string;
  source: TileSource;
  view: MapView | undefined;
  size: CanvasSize;
  faults: readonly Fault[];
  showFaults: (kind: Fault["kind"]) => boolean;
  selected: { start: number; end: number } | undefined;
  onSize: (size: CanvasSize) => void;
  onView: (view: MapView) => void;
  onPick: (start: number, end: number) => void;
  onOpen: (block: number) => void;
  onHover: (block: number | undefined, point: CurvePoint) => void;
  onKey: (event: KeyboardEvent) => void;
}

/** Colours of the tokens as they are now, for the canvas. */
export function mapColours(element: Element): MapColours {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(`--bs-${name}`).trim();
  return {
    ground: token("canvas"),
    free: token("block-free"),
    damaged: token("block-damaged"),
    misplaced: token("block-misplaced"),
    text: token("text"),
    onGlyph: token("window"),
    focus: token("focus"),
  };
}

/** The blocks of a volume as a picture: wheel zooms, drag with the middle button or Space pans, click and drag select. */
export function BlockMap(props: BlockMapProps) {
  const { source, view, size, faults, showFaults, selected, onSize, onView } = props;
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [arrived, setArrived] = useState(0);
  const [cache, setCache] = useState<TileCache>();
  const [hovered, setHovered] = useState<number>();
  const from = useRef<number>(undefined);
  const arrangement = view?.arrangement;
  useEffect(() => {
    if (!arrangement) return;
    const made = new TileCache(source, arrangement, () => setArrived((count) => count + 1));
    setCache(made);
    return () => made.dispose();
  }, [source, arrangement]);
  useLayoutEffect(() => {
    const element = frame.current;
    if (!element) return;
    const observer = new ResizeObserver(() => onSize({ width: element.clientWidth, height: element.clientHeight }));
    observer.observe(element);
    return () => observer.disconnect();
  }, [onSize]);
  useEffect(() => {
    const element = canvas.current;
    if (!element || !view) return;
    const wheel = (event: WheelEvent) => {
      event.preventDefault();
      onView(zoomed(view, event.deltaY < 0 ? 1.3 : 1 / 1.3, { x: event.offsetX, y: event.offsetY }, size));
    };
    element.addEventListener("wheel", wheel, { passive: false });
    return () => element.removeEventListener("wheel", wheel);
  }, [view, size, onView]);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || !view || !cache || arrived < 0) return;
    const request = requestAnimationFrame(() => {
      const ratio = devicePixelRatio;
      element.width = Math.round(size.width * ratio);
      element.height = Math.round(size.height * ratio);
      context.scale(ratio, ratio);
      drawMap(context, { view, size, cache, faults, showFaults, selected, hovered, colours: mapColours(element) });
    });
    return () => cancelAnimationFrame(request);
  }, [view, size, cache, arrived, faults, showFaults, selected, hovered]);
  const pointOfEvent = (event: MouseEvent): CurvePoint => ({ x: event.nativeEvent.offsetX, y: event.nativeEvent.offsetY });
  const pick = (start: number, end: number) => {
    if (!view) return;
    const [first, last] = [cellOf(view, Math.min(start, end)), cellOf(view, Math.max(start, end))];
    props.onPick(first.start, last.start + last.count);
  };
  const move = (event: PointerEvent) => {
    if (!view) return;
    if (event.buttons & 4) return onView(panned(view, event.movementX, event.movementY, size));
    const block = blockAt(view, pointOfEvent(event));
    setHovered(block);
    props.onHover(block, pointOfEvent(event));
    if (event.buttons === 1 && block !== undefined && from.current !== undefined) pick(from.current, block);
  };
  return (
    <div className="block-map" ref={frame}>
      <canvas
        ref={canvas}
        role="img"
        aria-label={props.summary}
        tabIndex={0}
        onKeyDown={props.onKey}
        onPointerDown={(event) => {
          from.current = view && event.button === 0 ? blockAt(view, pointOfEvent(event)) : undefined;
          if (from.current !== undefined) pick(from.current, from.current);
        }}
        onPointerMove={move}
        onPointerUp={() => {
          from.current = undefined;
        }}
        onPointerLeave={() => {
          setHovered(undefined);
          props.onHover(undefined, { x: 0, y: 0 });
        }}
        onDoubleClick={(event) => {
          const block = view && blockAt(view, pointOfEvent(event));
          if (block !== undefined) props.onOpen(block);
        }}
      />
    </div>
  );
}

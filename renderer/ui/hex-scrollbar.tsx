import { type PointerEvent, useRef } from "react";
import { byteAtFraction, fractionOf, type HexShape } from "./hex-rows.ts";

/** A scrollbar over any number of bytes: its thumb says where the top row stands in the volume, and may be dragged or pressed. */
export function HexScrollbar({ shape, top, onMove }: { shape: HexShape; top: bigint; onMove: (byte: bigint) => void }) {
  const track = useRef<HTMLDivElement>(null);
  const drag = (event: PointerEvent) => {
    const box = track.current?.getBoundingClientRect();
    if (!box || event.buttons !== 1) return;
    track.current?.setPointerCapture(event.pointerId);
    onMove(byteAtFraction((event.clientY - box.top - 14) / Math.max(1, box.height - 28), shape));
  };
  const fraction = fractionOf(top, shape);
  return (
    <div className="hex-scrollbar" aria-hidden ref={track} onPointerDown={drag} onPointerMove={drag}>
      <div style={{ top: `calc(${fraction * 100}% - ${fraction * 28}px)` }} />
    </div>
  );
}

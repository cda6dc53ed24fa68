import fc from "fast-check";
import { guidText } from "../base/guid.ts";
import { StoredText } from "../base/stored-text.ts";

/** 2025-01-01T00:00:00Z, the time of the references' worked examples. */
export const newYear = 638_712_864_000_000_000n;

/** The guid that ends in `number`; 0 is the empty one. */
export const guidOf = (number: number): string => `00000000-0000-0000-0000-${number.toString(16).padStart(12, "0")}`;

/** Values of stored fields, their limits often. */
export const anyU8 = fc.integer({ min: 0, max: 0xff });
export const anyU16 = fc.integer({ min: 0, max: 0xffff });
export const anyU32 = fc.integer({ min: 0, max: 0xffff_ffff });
export const anyI32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
export const anyI64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
export const anyTicks = fc.oneof(fc.bigInt({ min: 0n, max: 3_155_378_975_999_999_999n }), anyI64);
export const anyU64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
export const anyBytes = (byteLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: byteLength, maxLength: byteLength });
export const anyGuid = anyBytes(16).map(guidText);
export const anyBlockBytes = fc.constantFrom(4096, 8192, 16_384, 65_536);

/** A counted text of at most `mostBytes`, UTF-8 or not. */
export const anyText = (mostBytes: number): fc.Arbitrary<StoredText> =>
  fc.oneof(
    fc.uint8Array({ maxLength: mostBytes }).map((bytes) => new StoredText(bytes, false)),
    fc
      .string({ unit: "grapheme", maxLength: Math.floor(mostBytes / 4) })
      .map((text) => new StoredText(StoredText.of(text).bytes.subarray(0, mostBytes), false)),
  );

/** Elements in slots of their own, ascending; each has a byte that is not zero where `element` sees to that. */
export const inSlots = <T extends object>(slotCount: number, element: fc.Arbitrary<T>): fc.Arbitrary<({ slot: number } & T)[]> =>
  fc
    .tuple(
      fc.uniqueArray(fc.nat(slotCount - 1), { maxLength: slotCount }),
      fc.array(element, { minLength: slotCount, maxLength: slotCount }),
    )
    .map(([slots, elements]) => slots.sort((a, b) => a - b).map((slot) => ({ slot, ...(elements[slot] as T) })));

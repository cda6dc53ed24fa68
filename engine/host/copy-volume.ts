import { randomUUID } from "node:crypto";
import { access, link, open, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import {
  type ApplyOptions,
  type CopyInputs,
  type CopyPlan,
  copyWithModule,
  EngineError,
  openFileDevice,
  type PlanOptions,
} from "./engine.ts";
import { type ImageSource, openSource } from "./overlays.ts";

/**
 * Copies the volume at a path, or as its overlay shows it, with one module more to a file that is not there yet: it appears when it is whole and synced, or not at all.
 * FILE_EXISTS, and what `copyWithModule` throws. Operations reference 7, SAFE.
 */
export async function copyToPath(
  image: ImageSource,
  to: string,
  plan: CopyPlan,
  inputs: CopyInputs,
  options: PlanOptions & Pick<ApplyOptions, "onProgress">,
): Promise<{ bytesWritten: bigint }> {
  await refuseExisting(to);
  const temporary = `${to}.${randomUUID()}.tmp`;
  await open(temporary, "wx").then(
    (handle) => handle.close(),
    (cause: NodeJS.ErrnoException) => {
      if (cause.code === "ENOENT") throw new EngineError("DEVICE_NOT_FOUND", { path: dirname(to) }, { cause });
      throw new EngineError("DEVICE_ACCESS_DENIED", { path: to, writing: true }, { cause });
    },
  );
  try {
    const source = await openSource(image);
    try {
      const target = await openFileDevice(temporary, { writable: true });
      try {
        await copyWithModule(source, target, plan, inputs, options);
        // A second name, unlike a new one, never takes the place of a file that appeared meanwhile.
        await link(temporary, to).catch((cause: NodeJS.ErrnoException) => {
          if (cause.code === "EEXIST") throw new EngineError("FILE_EXISTS", { path: to }, { cause });
          throw new EngineError("DEVICE_ACCESS_DENIED", { path: to, writing: true }, { cause });
        });
        return { bytesWritten: target.bytesWritten };
      } finally {
        await target.close();
      }
    } finally {
      await source.close();
    }
  } finally {
    await unlink(temporary);
    const folder = await open(dirname(to), "r");
    await folder.sync().finally(() => folder.close());
  }
}

/** FILE_EXISTS where there is something of that name. */
export async function refuseExisting(path: string): Promise<void> {
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) throw new EngineError("FILE_EXISTS", { path });
}

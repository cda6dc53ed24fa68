import { DialogBody } from "@blueprintjs/core";
import { useSession } from "../../store/session.ts";

/** The version, the promise, the notices. */
export function AboutDialog() {
  const host = useSession((state) => state.host);
  return (
    <DialogBody>
      <p>
        <b>Blockscope {host?.version}</b>, {host?.kind === "desktop" ? "desktop" : "browser"} host
      </p>
      <p>An inspector for virtual-disk volumes. Volumes are opened read-only; the handle that the system gives cannot write.</p>
      <p>
        MIT licence.{" "}
        <a href="./notices.txt" target="_blank" rel="noreferrer">
          Notices
        </a>{" "}
        of everything that is shipped.
      </p>
    </DialogBody>
  );
}

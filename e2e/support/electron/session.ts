import type * as E from "electron";

type Request = Parameters<E.Session["setPermissionRequestHandler"]>[0];
type Check = Parameters<E.Session["setPermissionCheckHandler"]>[0];

/** The default session. Without handlers it grants everything, as Electron's does. */
export class SessionDouble implements Pick<E.Session, "setPermissionRequestHandler" | "setPermissionCheckHandler"> {
  #request: Request = null;
  #check: Check = null;
  setPermissionRequestHandler(handler: Request): void {
    this.#request = handler;
  }
  setPermissionCheckHandler(handler: Check): void {
    this.#check = handler;
  }
  /** Whether the application grants a permission when it is asked for, or when it is looked up. */
  async grants(
    contents: E.WebContents,
    permission: "media" | "geolocation" | "notifications" | "midi" | "hid" | "serial",
  ): Promise<boolean> {
    const asked = await new Promise<boolean>((decide) => {
      const details = { isMainFrame: true, requestingUrl: "app://blockscope/" };
      if (this.#request) this.#request(contents, permission as never, decide, details);
      else decide(true);
    });
    const looked = this.#check ? this.#check(contents, permission as never, "app://blockscope", { isMainFrame: true }) : true;
    return asked || looked;
  }
}

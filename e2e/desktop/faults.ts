/** A mistake in the main or preload bundle that the security checks must find. */
export interface Fault {
  name: string;
  bundle: "main" | "preload";
  /** Text of the bundle, found exactly once, and what stands there instead. */
  from: string | RegExp;
  to: string;
  /** The check that finds it, or what the launch that fails says. */
  foundBy: string | RegExp;
}

export const faults: readonly Fault[] = [
  {
    name: "the handler of dropped files is missing",
    bundle: "main",
    from: "ipcMain.handle(channels.grant",
    to: "((..._left) => {})(channels.grant",
    foundBy: "files that the page made itself are granted to nobody",
  },
  {
    name: "context isolation is off",
    bundle: "main",
    from: "contextIsolation: true",
    to: "contextIsolation: false",
    foundBy: /no window was opened.*accepts only sandboxed, isolated windows/,
  },
  {
    name: "the policy is not sent",
    bundle: "main",
    from: '"content-security-policy": contentSecurityPolicy,',
    to: "",
    foundBy: "the policy forbids eval, inline scripts and foreign connections",
  },
  {
    name: "windows may be opened",
    bundle: "main",
    from: '{ action: "deny" }',
    to: '{ action: "allow" }',
    foundBy: "the page opens no window",
  },
  {
    name: "navigation is not stopped",
    bundle: "main",
    from: /contents\.on\("will-navigate", \(event\) => event\.preventDefault\(\)\);/,
    to: "",
    foundBy: "the page goes nowhere else",
  },
  {
    name: "something is used that the stand-in does not cover",
    bundle: "main",
    from: "app.enableSandbox();",
    to: "app.enableSandbox(); app.setAsDefaultProtocolClient('blockscope');",
    foundBy: /app\.setAsDefaultProtocolClient is not covered/,
  },
  {
    name: "permissions are granted",
    bundle: "main",
    from: "decide(false)",
    to: "decide(true)",
    foundBy: "no permission is granted",
  },
  {
    name: "the preload asks for Node's files",
    bundle: "preload",
    from: 'require("electron");',
    to: 'require("electron"); require("node:fs");',
    foundBy: "the page reaches the engine over its port",
  },
  {
    name: "the port is not sent",
    bundle: "main",
    from: /event\.sender\.postMessage\(channels\.connect, null, \[port2\]\);/,
    to: "",
    foundBy: "the page reaches the engine over its port",
  },
  {
    name: "the decoded path is not checked",
    bundle: "main",
    from: "!file.startsWith(root + sep) || ",
    to: "",
    foundBy: "no path leads out of the page's folder",
  },
  {
    name: "the sender is not checked",
    bundle: "main",
    from: /return frame !== null && frame\.parent === null && frame\.url\.startsWith\([^;]+\);/,
    to: "return true;",
    foundBy: "messages of other senders are not answered",
  },
  {
    name: "the sandbox is not enabled",
    bundle: "main",
    from: "app.enableSandbox();",
    to: "",
    foundBy: "the sandbox is enabled for the whole application, and the scheme announced before it is ready",
  },
  {
    name: "the entry module waits for the application to be ready",
    bundle: "main",
    from: /(?:void )?app\.whenReady\(\)\.then\(start\)\.catch\(complain\);/,
    to: "await app.whenReady(); await start();",
    foundBy: /the main bundle was not evaluated/,
  },
];

/** The bundle with the fault in it. Throws a TypeError where the text is not there exactly once: the list then no longer fits the program. */
export function plant({ name, from, to }: Fault): (source: string) => string {
  return (source) => {
    const pieces = source.split(from);
    if (pieces.length !== 2) throw new TypeError(`"${name}" fits ${pieces.length - 1} places of the bundle`);
    return pieces.join(to);
  };
}

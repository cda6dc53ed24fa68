export { HostSession, HostState, type SessionOptions } from "./session.ts";

/** Lets the event loop deliver what waits, such as Cancel. A loop that awaits no input or output awaits this now and then. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

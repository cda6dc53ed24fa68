/** Hands each value of a stream on, until it ends or its wire breaks; that is told once, by the session, and shown in place of the window. */
export async function follow<Value>(stream: ReadableStream<Value>, take: (value: Value) => void | Promise<void>): Promise<void> {
  const reader = stream.getReader();
  for (;;) {
    const next = await reader.read().catch(() => undefined);
    if (!next || next.done) return;
    await take(next.value);
  }
}

/** One source of events for any number of streams. A reader that lags 256 events behind misses the newer ones. */
export class Events<Event> {
  readonly #readers = new Set<ReadableStreamDefaultController<Event>>();
  get isWatched(): boolean {
    return this.#readers.size > 0;
  }
  emit(event: Event): void {
    for (const reader of this.#readers) if ((reader.desiredSize ?? 0) > 0) reader.enqueue(event);
  }
  /** Events from now on, until the reader cancels. */
  stream(): ReadableStream<Event> {
    let own: ReadableStreamDefaultController<Event>;
    return new ReadableStream<Event>(
      {
        start: (controller) => {
          own = controller;
          this.#readers.add(controller);
        },
        cancel: () => {
          this.#readers.delete(own);
        },
      },
      { highWaterMark: 256 },
    );
  }
  close(): void {
    for (const reader of this.#readers) reader.close();
    this.#readers.clear();
  }
}

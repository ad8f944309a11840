// The end of a daemon, for those who wait for it.

export class ProcessEnd {
  readonly #told = new Set<() => void>();
  #onExit: (code: number) => void = () => {};
  #ended = false;

  /** Tells of the daemon's own end, not of one by a signal, which whoever sent it knows of. */
  onExit(told: (code: number) => void): void {
    this.#onExit = told;
  }

  /** Tells of any end. The returned function ends the subscription. */
  subscribe(told: () => void): () => void {
    this.#told.add(told);
    return () => this.#told.delete(told);
  }

  get ended(): boolean {
    return this.#ended;
  }

  exit(code: number): void {
    if (this.#ended) return;
    this.killed();
    this.#onExit(code);
  }

  killed(): void {
    this.#ended = true;
    for (const told of [...this.#told]) told();
    this.#told.clear();
  }
}

// Memory that the thread that forwards and the thread that writes a capture share: chunks of a log (core:
// capture/frame-log.ts) that go round, and a few words in which the two tell each other how far they are. One thread
// fills, the other takes; neither needs the other's event loop.

/**
 * Chunks, and words of each: 18 megabytes. What one processor has just read is slow to be written by another, so it should have
 * left the caches until it is its turn again.
 */
const CHUNKS = 64;
const CHUNK_WORDS = 72 * 1024;
const CHUNK_BYTES = CHUNK_WORDS * 4;

/** Words of the control block. */
const Control = {
  /** Chunks that have been filled, and that have been taken, since the beginning. */
  FILLED: 0,
  TAKEN: 1,
  STATE: 2,
  /** errno of what went wrong with the file. */
  ERRNO: 3,
  INTERFACES: 4,
  PACKETS: 5,
  PACKETS_HIGH: 6,
  /** One for each chunk: words in use. */
  USED: 8,
} as const;
const CONTROL_BYTES = (Control.USED + CHUNKS) * 4;
const LOW_WORD = 0x1_0000_0000;

/** How long a thread may take to start, milliseconds. */
const STARTING_TIME = 20_000;

/** What has become of the writer. */
export const WriterState = {
  STARTING: 0,
  WRITING: 1,
  /** Everything is in the file. */
  DONE: 2,
  /** The file takes no more; ERRNO tells why. */
  FAILED: 3,
  /** A bug of its own. */
  BROKEN: 4,
} as const;

/** What the writer's thread is started with. */
export interface WriterOptions {
  readonly memory: SharedArrayBuffer;
  readonly file: number;
  /** How much of a frame goes into the file, and how much is in the log: bytes. */
  readonly snapLength: number;
  readonly loggedLength: number;
  readonly filter: string | undefined;
}

export class CaptureRing {
  readonly memory: SharedArrayBuffer;
  readonly #control: Int32Array;
  readonly #words: readonly Int32Array[];

  readonly #startingTime: number;

  constructor(
    memory = new SharedArrayBuffer(CONTROL_BYTES + CHUNKS * CHUNK_BYTES),
    startingTime = STARTING_TIME,
  ) {
    this.memory = memory;
    this.#startingTime = startingTime;
    this.#control = new Int32Array(memory, 0, CONTROL_BYTES / 4);
    const starts = Array.from({ length: CHUNKS }, (_, index) => CONTROL_BYTES + index * CHUNK_BYTES);
    this.#words = starts.map((start) => new Int32Array(memory, start, CHUNK_WORDS));
  }

  get state(): number {
    return Atomics.load(this.#control, Control.STATE);
  }

  set state(state: number) {
    Atomics.store(this.#control, Control.STATE, state);
    // Whoever waits for a chunk to be taken is to look.
    Atomics.notify(this.#control, Control.TAKEN);
    Atomics.notify(this.#control, Control.STATE);
  }

  get errno(): number {
    return Atomics.load(this.#control, Control.ERRNO);
  }

  /** For the writer: it takes chunks from now on. False if nobody has waited so long. */
  start(): boolean {
    const { STARTING, WRITING } = WriterState;
    const before = Atomics.compareExchange(this.#control, Control.STATE, STARTING, WRITING);
    Atomics.notify(this.#control, Control.STATE);
    return before === STARTING;
  }

  fail(errno: number): void {
    Atomics.store(this.#control, Control.ERRNO, errno);
    this.state = WriterState.FAILED;
  }

  /**
   * For the one who fills: the chunk that is next, or undefined if the writer has ended or does not start. Waits until it is
   * free.
   */
  free(): Int32Array | undefined {
    const control = this.#control;
    const filled = Atomics.load(control, Control.FILLED);
    for (;;) {
      const taken = Atomics.load(control, Control.TAKEN);
      if (this.state > WriterState.WRITING) return undefined;
      if (filled - taken < CHUNKS) return this.#words[filled % CHUNKS];
      if (this.state === WriterState.STARTING) this.waitUntilStarted();
      else Atomics.wait(control, Control.TAKEN, taken, 1000);
    }
  }

  /** A thread that has ended before it could say anything tells nobody who waits: it counts as broken when its time is over. */
  waitUntilStarted(): void {
    Atomics.wait(this.#control, Control.STATE, WriterState.STARTING, this.#startingTime);
    Atomics.compareExchange(this.#control, Control.STATE, WriterState.STARTING, WriterState.BROKEN);
  }

  /** Waits until the writer has ended. */
  waitUntilEnded(): void {
    this.waitUntilStarted();
    Atomics.wait(this.#control, Control.STATE, WriterState.WRITING);
  }

  /** The chunk that was free is complete; with no words in it, it is the end. */
  fill(words: number): void {
    const control = this.#control;
    const filled = Atomics.load(control, Control.FILLED);
    control[Control.USED + (filled % CHUNKS)] = words;
    Atomics.store(control, Control.FILLED, filled + 1);
    Atomics.notify(control, Control.FILLED);
  }

  /** For the one who takes: whether a chunk waits. */
  get waiting(): boolean {
    return Atomics.load(this.#control, Control.FILLED) !== Atomics.load(this.#control, Control.TAKEN);
  }

  /** Waits for a chunk, and gives it to `use`. False at the end. */
  take(use: (words: Int32Array, used: number) => void): boolean {
    const control = this.#control;
    const taken = Atomics.load(control, Control.TAKEN);
    while (Atomics.load(control, Control.FILLED) === taken) Atomics.wait(control, Control.FILLED, taken);
    const place = taken % CHUNKS;
    const used = control[Control.USED + place] ?? 0;
    if (used > 0) use(this.#words[place] as Int32Array, used);
    Atomics.store(control, Control.TAKEN, taken + 1);
    Atomics.notify(control, Control.TAKEN);
    return used > 0;
  }

  get counts(): { readonly packets: number; readonly interfaces: number } {
    const control = this.#control;
    const high = (control[Control.PACKETS_HIGH] ?? 0) * LOW_WORD;
    return {
      packets: high + ((control[Control.PACKETS] ?? 0) >>> 0),
      interfaces: control[Control.INTERFACES] ?? 0,
    };
  }

  count(packets: number, interfaces: number): void {
    const control = this.#control;
    control[Control.PACKETS] = packets;
    control[Control.PACKETS_HIGH] = Math.floor(packets / LOW_WORD);
    control[Control.INTERFACES] = interfaces;
  }
}

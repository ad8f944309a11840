// Which sockets a process has open, for /proc/PID/fd. Numbers start behind the standard streams; a closed one's is used again.

/** A socket as its owner's table knows it. */
export interface OpenSocket {
  readonly inode: number;
  readonly closed: boolean;
}

const FIRST = 3;

export class SocketDescriptors {
  readonly #byProcess = new Map<number, OpenSocket[]>();

  add(pid: number, socket: OpenSocket): void {
    const open = this.#byProcess.get(pid) ?? [];
    this.#byProcess.set(pid, open);
    const free = open.findIndex(({ closed }) => closed);
    if (free < 0) open.push(socket);
    else open[free] = socket;
  }

  ended(pid: number): void {
    this.#byProcess.delete(pid);
  }

  /** Descriptor and inode number of what is open. */
  *of(pid: number): Generator<readonly [descriptor: number, inode: number]> {
    for (const [at, { inode, closed }] of (this.#byProcess.get(pid) ?? []).entries())
      if (!closed) yield [FIRST + at, inode];
  }
}

// unix(7) stream sockets between programs of the embedded host, and the services of the host itself that answer on a
// path. A listening socket is a file of type "socket"; who listens is known by the file, not by its name, so that a file
// that was renamed still leads to its listener and one that was removed no longer does.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { queueConnections, streamSocketPair } from "../../system/stream-sockets.ts";
import type { StreamAddress, StreamListener, StreamSocket } from "../../system/stream-sockets.ts";
import { Wakers } from "../../system/streams.ts";
import type { Credentials } from "../../system/system.ts";
import type { Node } from "../files/node.ts";
import type { Vfs } from "../files/vfs.ts";

/** Longest path: sun_path has 108 bytes with the NUL. */
const PATH_LIMIT = 107;
/** A UTF-16 unit becomes at most three bytes of UTF-8. */
const BYTES_OF_CHARACTER = 3;
/** net.core.somaxconn: connections that wait to be accepted. */
const BACKLOG = 4096;

/** Takes the server's end of a connection. */
export type ConnectionHandler = (socket: StreamSocket) => void;

/** Whoever set up a service ends it by this. */
export interface UnixService {
  /** Nobody can connect any more, and the file is gone. Connections stay. */
  close(): void;
}

/** A socket that is open: one that listens, or an end of a connection. */
export interface OpenUnixSocket {
  readonly inode: number;
  /** Inode number of the network namespace that it was made in. */
  readonly netns: number;
  closed: boolean;
  readonly listening: boolean;
  readonly backlog: number;
  readonly path: string | undefined;
  readonly file: Node | undefined;
  /** Inode number of the other end. */
  readonly peer: number | undefined;
}

interface Answer {
  readonly connected: ConnectionHandler;
  readonly netns: number;
}

export class UnixSockets {
  readonly #vfs: Vfs;
  /** Who answers, by the socket's file. */
  readonly #listeners = new Map<Node, Answer>();
  readonly #open = new Set<OpenUnixSocket>();
  readonly #changes = new Wakers();

  constructor(vfs: Vfs) {
    this.#vfs = vfs;
  }

  /** Tells when a socket has begun or ceased to listen. */
  subscribe(told: () => void): () => void {
    return this.#changes.subscribe(told);
  }

  /** connect(2). Errors: ENOENT; ECONNREFUSED for a file that nobody listens on; EAGAIN if too many wait. */
  connect(path: string, caller: Credentials): StreamSocket {
    checkPath(path);
    const answer = this.#listeners.get(this.#vfs.nodeAt(path, caller));
    if (!answer) throw new Refusal(ERRNO.ECONNREFUSED);
    const [client, server] = streamSocketPair({ family: "unix", path });
    const mine = this.#vfs.kernel.nextSocketInode();
    const theirs = this.#vfs.kernel.nextSocketInode();
    const near = this.#opened({ inode: mine, netns: caller.netns.inode, path: undefined, peer: theirs });
    const far = this.#opened({ inode: theirs, netns: answer.netns, path, peer: mine });
    answer.connected(this.#closing(server, far));
    this.onOpen?.(caller.pid, near);
    return this.#closing(client, near);
  }

  /** Told of sockets that a process has opened. */
  onOpen: ((pid: number, socket: OpenUnixSocket) => void) | undefined = undefined;

  /** Every open socket, the oldest first. */
  open(): Iterable<OpenUnixSocket> {
    return this.#open;
  }

  #opened(
    given: Pick<OpenUnixSocket, "inode" | "netns" | "path" | "peer"> & Partial<OpenUnixSocket>,
  ): OpenUnixSocket {
    const socket: OpenUnixSocket = { closed: false, listening: false, backlog: 0, file: undefined, ...given };
    this.#open.add(socket);
    return socket;
  }

  #closing(socket: StreamSocket, open: OpenUnixSocket): StreamSocket {
    return {
      ...socket,
      close: () => {
        this.#ended(open);
        socket.close();
      },
    };
  }

  #ended(socket: OpenUnixSocket): void {
    socket.closed = true;
    this.#open.delete(socket);
  }

  /** bind(2) and listen(2). Errors: EADDRINUSE if the file exists; ENOENT without its directory. */
  listen(path: string, caller: Credentials): StreamListener {
    checkPath(path);
    const address: StreamAddress = { family: "unix", path };
    const file = this.#vfs.makeSocket(path, caller);
    return queueConnections((connected) => {
      const close = this.#answer(file, path, connected, caller);
      return { address, close };
    }, BACKLOG);
  }

  /**
   * A part of the host answers on `path`, which the caller makes sure is free: `connected` is called inside connect(2).
   * A service that starts with its first connection starts there.
   */
  serve(path: string, mode: number, connected: ConnectionHandler): UnixService {
    const host: Credentials = { pid: 1, cwd: "/", netns: { inode: this.#vfs.kernel.init.inode } };
    const node = this.#vfs.makeSocket(path, host, mode);
    const stop = this.#answer(node, path, connected, host);
    return {
      close: () => {
        this.#vfs.removeNode(path, node);
        stop();
      },
    };
  }

  #answer(node: Node, path: string, connected: ConnectionHandler, caller: Credentials): () => void {
    const netns = caller.netns.inode;
    this.#listeners.set(node, { connected, netns });
    const socket = this.#opened({
      inode: this.#vfs.kernel.nextSocketInode(),
      netns,
      path,
      peer: undefined,
      file: node,
      listening: true,
      backlog: BACKLOG,
    });
    this.onOpen?.(caller.pid, socket);
    this.#changes.wake();
    return () => {
      this.#ended(socket);
      if (this.#listeners.delete(node)) this.#changes.wake();
    };
  }
}

/** Errors: EINVAL for a path that sun_path does not hold. */
function checkPath(path: string): void {
  const isShort = path.length <= PATH_LIMIT / BYTES_OF_CHARACTER;
  if (path === "" || (!isShort && new TextEncoder().encode(path).length > PATH_LIMIT))
    throw new Refusal(ERRNO.EINVAL);
}

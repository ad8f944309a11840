// A refused request: the errno of a system call or netlink request, with the kernel's extended
// acknowledgement (Documentation/userspace-api/netlink/intro.rst, "Ext ACK") where there is one.
// It is not a bug: it is thrown inside a request, turned into bytes at the entry of the kernel, and read by a tool.

/** What a netlink error can carry besides its errno. */
export interface ExtendedAck {
  /** Text for people, without a trailing newline. */
  readonly message?: string;
  /** Offset of the offending attribute in the request, in bytes from the start of its nlmsghdr. */
  readonly offset?: number;
  /** Type of a required attribute that is missing. */
  readonly missingType?: number;
}

/** Thrown by system calls and request handlers. `errno` is positive, as in errno(3). */
export class Refusal {
  readonly errno: number;
  readonly extack: ExtendedAck | undefined;

  constructor(errno: number, extack?: string | ExtendedAck) {
    this.errno = errno;
    this.extack = typeof extack === "string" ? { message: extack } : extack;
  }

  toString(): string {
    const text = this.extack?.message;
    return text === undefined ? `errno ${this.errno}` : `errno ${this.errno}: ${text}`;
  }
}

// The table of ioctl(2) requests on sockets. Layers register what they answer; those about devices are in ioctl.ts.

import { ERRNO } from "../netlink/errno.ts";
import { Refusal } from "../netlink/refusal.ts";
import type { IoctlRequest } from "../system/system.ts";
import type { Netns } from "./netns.ts";

/** Carries out one request; what the kernel writes goes into `request.data`. Errors: Refusal. */
export type IoctlHandler = (netns: Netns, request: IoctlRequest) => void;

export class IoctlTable {
  readonly #handlers = new Map<number, IoctlHandler>();

  register(number: number, handler: IoctlHandler): void {
    this.#handlers.set(number, handler);
  }

  /** Errors: ENOTTY for a number that nobody knows, or what its handler says. */
  call(netns: Netns, request: IoctlRequest): void {
    const handler = this.#handlers.get(request.number);
    if (!handler) throw new Refusal(ERRNO.ENOTTY);
    handler(netns, request);
  }
}

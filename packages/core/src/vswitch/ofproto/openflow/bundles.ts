// Bundles (OpenFlow 1.4, 6.8, and Open vSwitch's extension for older versions): messages that take effect together or not at all.

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { Message } from "../../../ovsproto/openflow/message-body.ts";
import type { Bridge } from "../bridge.ts";

/** OFPBCT_* */
const CONTROL = { OPEN: 0, CLOSE: 2, COMMIT: 4, DISCARD: 6 } as const;
/** OFPBCT_DISCARD_REPLY: odd ones are replies. */
export const LAST_BUNDLE_CONTROL = 7;

interface Bundle {
  readonly flags: number;
  readonly messages: { readonly message: Message; readonly raw: Uint8Array }[];
  closed: boolean;
}

export interface BundleFailure {
  readonly raw: Uint8Array;
  readonly error: OpenflowError;
}

export interface BundleDone {
  readonly messages: readonly Message[];
}
const NOTHING: BundleDone = { messages: [] };

export class BundleStore {
  readonly #bridge: Bridge;
  readonly #check: (message: Message) => void;
  readonly #apply: (message: Message) => void;
  readonly #bundles = new Map<number, Bundle>();

  /** @param check what a message is refused for when it comes, not when the bundle takes effect */
  constructor(bridge: Bridge, check: (message: Message) => void, apply: (message: Message) => void) {
    this.#bridge = bridge;
    this.#check = check;
    this.#apply = apply;
  }

  /** A bundle that was misused is gone (ofp_bundle_add_message). Errors: OpenflowError. */
  add(id: number, flags: number, message: Message, raw: Uint8Array): void {
    const { type } = message.body;
    if (!["flow_mod", "group_mod", "port_mod", "packet_out"].includes(type))
      throw new OpenflowError("OFPBFC_MSG_UNSUP");
    this.#check(message);
    const bundle = this.#bundles.get(id) ?? this.#open(id, flags);
    if (bundle.closed) throw this.#gone(id, "OFPBFC_BUNDLE_CLOSED");
    if (bundle.flags !== flags) throw this.#gone(id, "OFPBFC_BAD_FLAGS");
    bundle.messages.push({ message, raw });
  }

  #open(id: number, flags: number): Bundle {
    const bundle: Bundle = { flags, messages: [], closed: false };
    this.#bundles.set(id, bundle);
    return bundle;
  }

  #gone(id: number, error: string): OpenflowError {
    this.#bundles.delete(id);
    return new OpenflowError(error);
  }

  /**
   * @returns the messages that took effect, or the one that made a commit fail; nothing has changed then
   * @throws OpenflowError
   */
  control(id: number, control: number, flags: number): BundleFailure | BundleDone {
    if (control > LAST_BUNDLE_CONTROL) return NOTHING;
    if (control % 2 !== 0) throw new OpenflowError("OFPBFC_BAD_TYPE");
    const bundle = this.#bundles.get(id);
    if (control === CONTROL.OPEN) {
      if (bundle) throw this.#gone(id, "OFPBFC_BAD_ID");
      this.#open(id, flags);
      return NOTHING;
    }
    if (!bundle) throw new OpenflowError("OFPBFC_BAD_ID");
    switch (control) {
      case CONTROL.CLOSE:
        if (bundle.closed) throw this.#gone(id, "OFPBFC_BUNDLE_CLOSED");
        if (bundle.flags !== flags) throw this.#gone(id, "OFPBFC_BAD_FLAGS");
        bundle.closed = true;
        return NOTHING;
      case CONTROL.COMMIT:
        this.#bundles.delete(id);
        if (bundle.flags !== flags) throw new OpenflowError("OFPBFC_BAD_FLAGS");
        return this.#commit(bundle);
      case CONTROL.DISCARD:
        this.#bundles.delete(id);
        return NOTHING;
      default:
        throw new OpenflowError("OFPBFC_BAD_TYPE");
    }
  }

  #commit(bundle: Bundle): BundleFailure | BundleDone {
    const undo = this.#bridge.checkpoint();
    for (const { message, raw } of bundle.messages) {
      try {
        this.#apply(message);
      } catch (error) {
        if (!(error instanceof OpenflowError)) throw error;
        undo();
        return { raw, error };
      }
    }
    return { messages: bundle.messages.map(({ message }) => message) };
  }
}

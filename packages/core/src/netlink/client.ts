/**
 * Requests and dumps over one netlink socket, synchronously: rtnetlink and generic netlink work inside `send`, on a
 * real kernel and on the embedded one alike, so every answer can be received as soon as `send` has returned.
 * Notifications of multicast groups belong on a socket of their own.
 */

import { isMalformed } from "../wire/malformed.ts";
import { ERRNO, strerror } from "./errno.ts";
import {
  decodeDone,
  decodeError,
  decodeMessages,
  encodeMessage,
  encodeMessages,
  type Extack,
  type NetlinkMessage,
  NLM_F,
  NLMSG,
} from "./message.ts";
import { Refusal } from "./refusal.ts";

/** What the client needs of a socket. One call of either is one datagram. */
export interface NetlinkSocket {
  send(datagram: Uint8Array): void;
  /** The next datagram in the queue, `undefined` if there is none. */
  receive(): Uint8Array | undefined;
}

/** The kernel refused. */
export interface NetlinkRefusal {
  readonly ok: false;
  /** Positive. */
  readonly errno: number;
  readonly extack: Extack;
  /** glibc's text for `errno`. */
  readonly text: string;
}

/** The kernel did what was asked. */
export interface NetlinkSuccess {
  readonly ok: true;
  /** The messages that are not acknowledgements: the object asked for, the objects of a dump. */
  readonly messages: readonly NetlinkMessage[];
  /** A warning that came with the acknowledgement, otherwise empty. */
  readonly extack: Extack;
  /** NLM_F_DUMP_INTR was seen: the dump is not of one moment. */
  readonly interrupted: boolean;
  /** NLM_F_DUMP_FILTERED was seen: the kernel applied the filter of the request. */
  readonly filtered: boolean;
}

export type NetlinkResult = NetlinkSuccess | NetlinkRefusal;

/** One of several requests that go out in one datagram. */
export interface PipelinedRequest {
  readonly type: number;
  readonly flags: number;
  readonly body: Uint8Array;
}

function refusal(errno: number, extack: Extack = {}): NetlinkRefusal {
  return { ok: false, errno, extack, text: strerror(errno) };
}

/** Collects the answers to one request. */
class Answer {
  readonly messages: NetlinkMessage[] = [];
  extack: Extack = {};
  interrupted = false;
  filtered = false;
  result: NetlinkResult | undefined;

  succeed(): void {
    const { messages, extack, interrupted, filtered } = this;
    this.result = { ok: true, messages, extack, interrupted, filtered };
  }
}

export class NetlinkClient {
  readonly #socket: NetlinkSocket;
  #seq: number;

  /** `firstSeq` is the first request's sequence number; iproute2 takes the time of day. */
  constructor(socket: NetlinkSocket, firstSeq = 1) {
    this.#socket = socket;
    this.#seq = firstSeq;
  }

  /** The number that the next request will have. */
  get nextSeq(): number {
    return this.#seq;
  }

  #takeSeq(): number {
    const seq = this.#seq;
    this.#seq = (this.#seq + 1) >>> 0;
    return seq;
  }

  /**
   * One request that changes or reads one object. NLM_F_REQUEST and NLM_F_ACK are added to `flags`. A reply that is
   * not followed by an acknowledgement (GETs on older kernels) ends the request too.
   */
  request(type: number, flags: number, body: Uint8Array): NetlinkResult {
    const seq = this.#takeSeq();
    const message = { type, flags: flags | NLM_F.REQUEST | NLM_F.ACK, seq, portid: 0, body };
    return this.#exchange(encodeMessage(message), [seq])[0] ?? refusal(ERRNO.EIO);
  }

  /** Every object that fits the request. NLM_F_REQUEST and NLM_F_DUMP are added to `flags`. */
  dump(type: number, body: Uint8Array, flags = 0): NetlinkResult {
    const seq = this.#takeSeq();
    const message = { type, flags: flags | NLM_F.REQUEST | NLM_F.DUMP, seq, portid: 0, body };
    return this.#exchange(encodeMessage(message), [seq])[0] ?? refusal(ERRNO.EIO);
  }

  /**
   * Several changes in one datagram, each with its own result, in the order of the requests. Keep below some 200:
   * the acknowledgements must fit the receive buffer.
   */
  pipeline(requests: readonly PipelinedRequest[]): readonly NetlinkResult[] {
    const seqs = requests.map(() => this.#takeSeq());
    const messages = requests.map((each, index) => ({
      type: each.type,
      flags: each.flags | NLM_F.REQUEST | NLM_F.ACK,
      seq: seqs[index]!, // one number a request
      portid: 0,
      body: each.body,
    }));
    return this.#exchange(encodeMessages(messages), seqs);
  }

  /** A datagram that cannot be sent is refused as a whole, with that error. */
  #exchange(datagram: Uint8Array, seqs: readonly number[]): readonly NetlinkResult[] {
    try {
      this.#socket.send(datagram);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return seqs.map(() => refusal(error.errno));
    }
    return this.#collect(seqs);
  }

  /** Reads until every number has its result or nothing more is there. A number without an answer is EIO. */
  #collect(seqs: readonly number[]): readonly NetlinkResult[] {
    const answers = new Map(seqs.map((seq) => [seq, new Answer()]));
    let open = answers.size;
    while (open > 0) {
      const datagram = this.#socket.receive();
      if (datagram === undefined) break;
      for (const message of decodeMessages(datagram).messages) {
        const answer = answers.get(message.seq);
        if (answer === undefined || answer.result !== undefined) continue;
        take(answer, message);
        if (answer.result !== undefined) open--;
      }
    }
    return seqs.map((seq) => {
      const answer = answers.get(seq)!; // made from the same list
      if (answer.result === undefined && answer.messages.length > 0) answer.succeed();
      return answer.result ?? refusal(ERRNO.EIO);
    });
  }
}

function take(answer: Answer, message: NetlinkMessage): void {
  if ((message.flags & NLM_F.MULTI) !== 0 && (message.flags & NLM_F.DUMP_INTR) !== 0)
    answer.interrupted = true;
  if ((message.flags & NLM_F.MULTI) !== 0 && (message.flags & NLM_F.DUMP_FILTERED) !== 0)
    answer.filtered = true;
  const end = message.type === NLMSG.ERROR ? decodeError(message) : undefined;
  const done = message.type === NLMSG.DONE ? decodeDone(message) : undefined;
  const verdict = end ?? done;
  if (verdict === undefined) {
    if (message.type >= NLMSG.MIN_TYPE) answer.messages.push(message);
    return;
  }
  if (isMalformed(verdict)) {
    answer.result = refusal(ERRNO.EBADMSG);
    return;
  }
  answer.extack = verdict.extack;
  if (verdict.errno !== 0) answer.result = refusal(verdict.errno, verdict.extack);
  else answer.succeed();
}

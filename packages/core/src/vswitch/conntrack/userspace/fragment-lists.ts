// Fragments that wait for the others of their packet (Open vSwitch's lib/ipf.c): the tracker inside the switch daemon sees the whole
// packet, and then each fragment goes on as it came, with what was found out about the whole. What is not whole in time goes on
// as it is.

import type { Packet } from "../../../kernel/device-vport.ts";
import { dlType, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { readU32BE, readU8, writeU32BE } from "../../../wire/bytes.ts";
import {
  fillIpv4Checksum,
  IPV4_MORE_FRAGMENTS,
  ipv4FragmentField,
  setIpv4FragmentField,
  setIpv4TotalLength,
} from "../../../wire/ipv4.ts";
import { IPV6_HEADER_LENGTH, setIpv6NextHeader, setIpv6PayloadLength } from "../../../wire/ipv6.ts";
import { CT_STATE } from "../connection-table.ts";
import type { Onward } from "../connection-table.ts";
import type { FamilySettings, FragmentSettings } from "../../../ovsproto/datapath/fragment-settings.ts";
import { headerIsRight, readFragment, sizeOf } from "./fragment.ts";
import type { Fragment } from "./fragment.ts";

/** How long a list waits, and how long after that it is thrown away if nothing has asked for it; nanoseconds. */
const WAITING = 15e9;
const PURGE_AFTER = 10e9;
/** Between looks for what is to be thrown away. */
const PURGE_INTERVAL = 60e9;
const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
const MAX_LENGTH = 0xffff;
/** The shortest payload of a fragment of IPv4 that is not the last. */
const LEAST_PAYLOAD = 8;

type ListState =
  "other frag" | "first frag" | "last frag" | "first/last frag" | "reassemble fail" | "complete";

interface Part extends Onward {
  readonly fragment: Fragment;
}

export interface FragmentList {
  readonly first: Fragment;
  readonly zone: number;
  readonly recirculation: number;
  readonly parts: Part[];
  state: ListState;
  /** Clock, nanoseconds. */
  readonly expires: number;
}

/** A list with all of its fragments, and the packet that they make. */
export interface Whole extends Onward {
  readonly list: FragmentList;
}

/** "whole": no fragment, or one that nobody puts together. */
export type Offered = "whole" | "invalid" | "kept" | Whole;

/** Makes a packet for a device of the switch. */
export type AllocatePacket = (length: number) => Packet;

export class FragmentLists {
  readonly #settings: FragmentSettings;
  readonly #now: () => number;
  readonly #allocate: AllocatePacket;
  readonly #lists = new Map<string, FragmentList>();
  #looked = 0;

  constructor(settings: FragmentSettings, now: () => number, allocate: AllocatePacket) {
    this.#settings = settings;
    this.#now = now;
    this.#allocate = allocate;
  }

  all(): FragmentList[] {
    this.#purge();
    return [...this.#lists.values()];
  }

  #family({ version6 }: Fragment): FamilySettings {
    return version6 ? this.#settings.v6 : this.#settings.v4;
  }

  /** ipf_extract_frags_from_batch(), for one packet. */
  offer(packet: Packet, key: Flow, zone: number): Offered {
    const type = dlType(key);
    const { v4, v6 } = this.#settings;
    if (type === ETHERTYPE_IPV4 ? !v4.enabled : !v6.enabled || type !== ETHERTYPE_IPV6) return "whole";
    if (!readFragment(packet)) return "whole";
    packet.writable();
    const fragment = readFragment(packet);
    if (!fragment) return "whole";
    const family = this.#family(fragment);
    if (!headerIsRight(packet, fragment)) return "invalid";
    if (!fragment.last && sizeOf(fragment) < family.least) {
      family.tooSmall++;
      return "invalid";
    }
    return this.#handle({ packet, key: key.slice(), fragment }, zone);
  }

  /** ipf_handle_frag() */
  #handle(part: Part, zone: number): Offered {
    const { fragment, key } = part;
    if (this.#settings.count >= this.#settings.most) return "whole";
    const recirculation = word(key, W.RECIRC_ID);
    const name = listKey(fragment, zone, recirculation);
    let list = this.#lists.get(name);
    if (!list) {
      const expires = this.#now() + WAITING;
      list = { first: fragment, zone, recirculation, parts: [], state: "other frag", expires };
      this.#lists.set(name, list);
    }
    const family = this.#family(fragment);
    if (list.state === "reassemble fail" || list.parts.length >= maxParts(fragment, family)) return "whole";
    if (list.parts.some((other) => overlap(other.fragment, fragment))) {
      family.overlapped++;
      return "invalid";
    }
    list.parts.push(part);
    this.#settings.count++;
    family.accepted++;
    return this.#advance(list, fragment) ?? "kept";
  }

  /** ipf_list_state_transition() */
  #advance(list: FragmentList, { offset, last }: Fragment): Whole | undefined {
    const first = offset === 0;
    const { state } = list;
    if ((state === "first frag" && last) || (state === "last frag" && first)) list.state = "first/last frag";
    else if (state === "other frag" && (first || last)) list.state = first ? "first frag" : "last frag";
    if (list.state !== "first/last frag") return undefined;
    list.parts.sort((a, b) => a.fragment.offset - b.fragment.offset);
    let reached = 0;
    for (const { fragment } of list.parts) {
      if (fragment.offset !== reached) return undefined;
      reached += fragment.end - fragment.payload;
    }
    const packet = this.#assemble(list.parts, reached);
    const key = list.parts[0]?.key;
    list.state = packet && key ? "complete" : "reassemble fail";
    return packet && key ? { packet, key: key.slice(), list } : undefined;
  }

  /** ipf_reassemble_v4_frags(), ipf_reassemble_v6_frags() */
  #assemble(parts: readonly Part[], payload: number): Packet | undefined {
    const [head] = parts;
    if (!head) return undefined;
    const { fragment, packet } = head;
    const { version6, network, header } = fragment;
    // the header of the fragment itself is no part of the whole
    const headers = (version6 ? header : fragment.payload) - network;
    if (payload + headers - (version6 ? IPV6_HEADER_LENGTH : 0) > MAX_LENGTH) return undefined;
    const link = network - packet.start;
    const whole = this.#allocate(link + headers + payload);
    const { bytes, start } = whole;
    bytes.set(packet.bytes.subarray(packet.start, network + headers), start);
    let at = start + link + headers;
    for (const part of parts) {
      bytes.set(part.packet.bytes.subarray(part.fragment.payload, part.fragment.end), at);
      at += part.fragment.end - part.fragment.payload;
    }
    whole.vlanTci = packet.vlanTci;
    whole.vlanTpid = packet.vlanTpid;
    whole.etherless = packet.etherless;
    const ip = start + link;
    if (version6) {
      setIpv6PayloadLength(bytes, ip, headers + payload - IPV6_HEADER_LENGTH);
      setIpv6NextHeader(bytes, ip, readU8(packet.bytes, header));
    } else {
      setIpv4TotalLength(bytes, ip, headers + payload);
      setIpv4FragmentField(bytes, ip, ipv4FragmentField(bytes, ip) & ~IPV4_MORE_FRAGMENTS);
      fillIpv4Checksum(bytes, ip);
    }
    return whole;
  }

  /** The whole has been tracked: its fragments, in their order, as they go on (ipf_post_execute_reass_pkts). */
  resolve({ packet: whole, key, list }: Whole): Onward[] {
    this.#forget(list);
    this.#family(list.first).completed += list.parts.length;
    list.parts.forEach((part, at) => {
      part.key.set(key.subarray(W.CT_STATE_ZONE, W.ETH_DST), W.CT_STATE_ZONE);
      copyEnds(whole, part, at === 0);
    });
    return list.parts;
  }

  /** What has waited too long goes on as it is, and is invalid (ipf_send_expired_frags). */
  expired(version6: boolean): Onward[] {
    this.#purge();
    const now = this.#now();
    const late = [...this.#lists.values()].filter(
      ({ expires, first }) => expires < now && first.version6 === version6,
    );
    for (const list of late) {
      this.#forget(list);
      this.#family(list.first).expired += list.parts.length;
      for (const { key } of list.parts) key[W.CT_STATE_ZONE] = (CT_STATE.INVALID << 16) >>> 0;
    }
    return late.flatMap(({ parts }) => parts);
  }

  #purge(): void {
    const looks = Math.floor(this.#now() / PURGE_INTERVAL) * PURGE_INTERVAL;
    if (looks <= this.#looked) return;
    this.#looked = looks;
    for (const list of this.#lists.values()) {
      if (looks < list.expires + PURGE_AFTER) continue;
      this.#forget(list);
      this.#family(list.first).purged += list.parts.length;
    }
  }

  #forget(list: FragmentList): void {
    this.#lists.delete(listKey(list.first, list.zone, list.recirculation));
    this.#settings.count -= list.parts.length;
  }
}

function listKey(fragment: Fragment, zone: number, recirculation: number): string {
  const { source, destination, id, protocol } = fragment;
  return `${source.join(".")}/${destination.join(".")}/${id}/${protocol}/${zone}/${recirculation}`;
}

/** As many as there can be without one that is too short. */
function maxParts({ version6 }: Fragment, { least }: FamilySettings): number {
  return version6 ? MAX_LENGTH : Math.ceil(MAX_LENGTH / Math.max(LEAST_PAYLOAD, least));
}

function overlap(a: Fragment, b: Fragment): boolean {
  return b.offset < a.offset + a.end - a.payload && a.offset < b.offset + b.end - b.payload;
}

/** Ends that have been translated, and in the first fragment what the translation has changed behind the header of IP. */
function copyEnds(whole: Packet, { packet, fragment }: Part, first: boolean): void {
  const { bytes } = packet;
  const { version6, network, header, payload, end } = fragment;
  const from = whole.start + network - packet.start;
  const [offset, length] = version6 ? [8, 32] : [12, 8];
  for (let at = offset; at < offset + length; at += 4) {
    writeU32BE(bytes, network + at, readU32BE(whole.bytes, from + at));
  }
  if (!version6) fillIpv4Checksum(bytes, network);
  if (!first) return;
  const upper = from + (version6 ? header : payload) - network;
  bytes.set(whole.bytes.subarray(upper, upper + end - payload), payload);
}

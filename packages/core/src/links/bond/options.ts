// Options of a bond (drivers/net/bonding/bond_options.c): their values, in which modes and when they may be set, and what else
// changes with them.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { isMulticastMacAt } from "../../wire/mac.ts";
import type { Bond } from "./bond.ts";
import type { BondData } from "./netlink.ts";
import { BOND_WORDS } from "./netlink.ts";

export const MODE = {
  BALANCE_RR: 0,
  ACTIVE_BACKUP: 1,
  BALANCE_XOR: 2,
  BROADCAST: 3,
  LACP: 4,
  BALANCE_TLB: 5,
  BALANCE_ALB: 6,
} as const;

const { BALANCE_RR, ACTIVE_BACKUP, BALANCE_XOR, BROADCAST, LACP, BALANCE_TLB, BALANCE_ALB } = MODE;
/** Milliseconds; what modes that need link monitoring get. */
const DEFAULT_MIIMON = 100;

/** Numeric options and their defaults. Delays are kept in milliseconds. */
export class BondOptions {
  mode: number = BALANCE_RR;
  miimon = 0;
  updelay = 0;
  downdelay = 0;
  peerNotifDelay = 0;
  useCarrier = 1;
  arpInterval = 0;
  arpValidate = 0;
  arpAllTargets = 0;
  primaryReselect = 0;
  failOverMac = 0;
  xmitHashPolicy = 0;
  resendIgmp = 1;
  numPeerNotif = 1;
  allSlavesActive = 0;
  minLinks = 0;
  lpInterval = 1;
  packetsPerSlave = 1;
  lacpActive = 1;
  lacpRate = 0;
  adSelect = 0;
  tlbDynamicLb = 1;
  missedMax = 2;
  adActorSysPrio = 65535;
  adUserPortKey = 0;
}

type NumberKey = keyof BondOptions;

interface Rule {
  readonly key: NumberKey;
  readonly min: number;
  readonly max: number;
  /** Modes that do not have it. */
  readonly without?: readonly number[];
  /** Only in these modes. */
  readonly only?: readonly number[];
  /** Not while the bond has ports, or is up. */
  readonly withoutPorts?: true;
  readonly whileDown?: true;
}

const INT_MAX = 2_147_483_647;
const enumerated = (key: keyof typeof BOND_WORDS): Rule => ({ key, min: 0, max: BOND_WORDS[key].length - 1 });

/** In the order in which the kernel sets them (bond_changelink). */
const RULES: readonly Rule[] = [
  { ...enumerated("mode"), withoutPorts: true, whileDown: true },
  { key: "miimon", min: 0, max: INT_MAX },
  { key: "updelay", min: 0, max: INT_MAX },
  { key: "downdelay", min: 0, max: INT_MAX },
  { key: "peerNotifDelay", min: 0, max: 300_000 },
  { key: "useCarrier", min: 0, max: 1 },
  { key: "arpInterval", min: 0, max: INT_MAX, without: [LACP, BALANCE_TLB, BALANCE_ALB] },
  { ...enumerated("arpValidate"), without: [LACP, BALANCE_TLB, BALANCE_ALB] },
  { ...enumerated("arpAllTargets") },
  { ...enumerated("primaryReselect") },
  { ...enumerated("failOverMac"), withoutPorts: true },
  { ...enumerated("xmitHashPolicy") },
  { key: "resendIgmp", min: 0, max: 255 },
  { key: "numPeerNotif", min: 0, max: 255 },
  { key: "allSlavesActive", min: 0, max: 1 },
  { key: "minLinks", min: 0, max: INT_MAX },
  { key: "lpInterval", min: 1, max: INT_MAX },
  { key: "packetsPerSlave", min: 0, max: 65535, only: [BALANCE_RR] },
  { key: "lacpActive", min: 0, max: 1, only: [LACP], whileDown: true },
  { key: "lacpRate", min: 0, max: 1, only: [LACP], whileDown: true },
  { ...enumerated("adSelect"), whileDown: true },
  { key: "adActorSysPrio", min: 1, max: 65535, only: [LACP] },
  { key: "adUserPortKey", min: 0, max: 1023, only: [LACP], whileDown: true },
  { key: "tlbDynamicLb", min: 0, max: 1, only: [BALANCE_TLB], whileDown: true },
  { key: "missedMax", min: 1, max: 255, without: [LACP, BALANCE_TLB, BALANCE_ALB] },
];

export const usesPrimary = (mode: number): boolean =>
  mode === ACTIVE_BACKUP || mode === BALANCE_TLB || mode === BALANCE_ALB;

/** Modes in which any port may send. */
export const balances = (mode: number): boolean =>
  mode === BALANCE_RR || mode === BALANCE_XOR || mode === BROADCAST;

function refuse(errno: number, text?: string): never {
  throw new Refusal(errno, text);
}

/** __bond_opt_set(), up to the option's own function. Errors: EACCES, ENOTEMPTY, EBUSY, EINVAL. */
function check(bond: Bond, rule: Rule, value: number): void {
  const { mode } = bond.options;
  if (rule.without?.includes(mode) || (rule.only && !rule.only.includes(mode))) {
    refuse(ERRNO.EACCES, "option not supported in mode");
  }
  if (rule.withoutPorts && bond.ports.length > 0) {
    refuse(ERRNO.ENOTEMPTY, "unable to set option because the bond device has slaves");
  }
  if (rule.whileDown && bond.device.up) {
    refuse(ERRNO.EBUSY, "unable to set option because the bond is up");
  }
  if (value < rule.min || value > rule.max) refuse(ERRNO.EINVAL, "invalid option value");
}

/** bond_changelink(): what was set before a refusal stays. */
export function changeOptions(bond: Bond, data: BondData): void {
  const { options } = bond;
  for (const rule of RULES) {
    const value = data[rule.key];
    if (rule.key === "miimon") setActive(bond, data.activeSlave);
    if (rule.key === "arpInterval" && value !== undefined && value !== 0 && (data.miimon ?? 0) !== 0) {
      refuse(ERRNO.EINVAL, "ARP monitoring cannot be used with MII monitoring");
    }
    if (rule.key === "primaryReselect") {
      setTargets(bond, data);
      setPrimary(bond, data.primary);
    }
    if (value !== undefined) {
      check(bond, rule, value);
      setOption(bond, rule.key, value);
    }
  }
  if (data.adActorSystem !== undefined) {
    if (options.mode !== LACP) refuse(ERRNO.EACCES, "option not supported in mode");
    if (isMulticastMacAt(data.adActorSystem, 0)) refuse(ERRNO.EINVAL, "invalid option value");
    bond.actorSystem = data.adActorSystem;
  }
}

function setOption(bond: Bond, key: NumberKey, value: number): void {
  const { options } = bond;
  switch (key) {
    case "mode":
      options.mode = value;
      if (value === LACP || value === BALANCE_TLB || value === BALANCE_ALB) {
        options.arpInterval = 0;
        options.miimon ||= DEFAULT_MIIMON;
      }
      options.arpValidate = 0;
      break;
    case "miimon":
      options.miimon = value;
      if (value !== 0) options.arpInterval = 0;
      bond.restartMonitor();
      break;
    case "updelay":
    case "downdelay":
    case "peerNotifDelay": {
      if (options.miimon === 0) {
        if (value === 0) break;
        refuse(ERRNO.EPERM);
      }
      // Whole numbers of monitoring intervals.
      options[key] = value - (value % options.miimon);
      break;
    }
    case "arpInterval":
      options.arpInterval = value;
      if (value !== 0) {
        options.miimon = 0;
        bond.restartMonitor();
      }
      break;
    default:
      options[key] = value;
  }
}

/** bond_option_active_slave_set(). Errors: EINVAL, EACCES. */
function setActive(bond: Bond, ifindex: number | undefined): void {
  if (ifindex === undefined) return;
  const { mode } = bond.options;
  if (!usesPrimary(mode)) refuse(ERRNO.EACCES, "option not supported in mode");
  if (ifindex === 0) {
    bond.changeActive(undefined);
    bond.selectActive();
    return;
  }
  if (bond.netns.deviceByIndex(ifindex) === undefined) refuse(ERRNO.ENODEV);
  const port = bond.ports.find(({ device }) => device.ifindex === ifindex);
  if (port === undefined) refuse(ERRNO.EINVAL, "invalid option value");
  if (port === bond.active) return;
  if (bond.active === undefined || !port.isUp || !port.device.up)
    refuse(ERRNO.EINVAL, "invalid option value");
  bond.changeActive(port);
}

function setPrimary(bond: Bond, ifindex: number | undefined): void {
  if (ifindex === undefined) return;
  if (!usesPrimary(bond.options.mode)) refuse(ERRNO.EACCES, "option not supported in mode");
  const device = ifindex === 0 ? undefined : bond.netns.deviceByIndex(ifindex);
  bond.primaryName = device?.name;
  bond.selectActive();
}

function setTargets(bond: Bond, { arpIpTarget, nsIp6Target }: BondData): void {
  if (arpIpTarget !== undefined) bond.arpTargets = arpIpTarget.filter((target) => target.length === 4);
  if (nsIp6Target !== undefined) bond.nsTargets = nsIp6Target.filter((target) => target.length === 16);
}

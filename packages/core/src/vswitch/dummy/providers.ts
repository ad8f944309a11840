// Which types of datapaths and interfaces a daemon has: those of the Debian package, and what --enable-dummy and
// --disable-system make of them (lib/dummy.c, lib/netdev-dummy.c, lib/dpif-netdev.c).

import type { DatapathKind } from "../datapath/datapath.ts";
import type { VportHost } from "../../kernel/device-vport.ts";
import { INTERFACE_TYPES } from "../daemon/version.ts";
import type { DummyLevel } from "../../system/switch-daemons.ts";
import { DummyNetdevs } from "./dummy-netdevs.ts";

export interface Providers {
  /** Memory node of each core, if it is not for the machine to say. */
  readonly dummyNuma?: readonly number[] | undefined;
  readonly datapathTypes: ReadonlyMap<string, DatapathKind>;
  readonly interfaceTypes: readonly string[];
  /** Undefined without --enable-dummy. */
  readonly dummies: DummyNetdevs | undefined;
  /** Types of interfaces that are dummies. */
  readonly dummyTypes: ReadonlySet<string>;
}

const DUMMY_TYPES = ["dummy", "dummy-internal", "dummy-pmd"] as const;

export function providersOf(dummy: DummyLevel | undefined, system: boolean, vports: VportHost): Providers {
  const datapathTypes = new Map<string, DatapathKind>([["netdev", "userspace"]]);
  if (system) datapathTypes.set("system", "kernel");
  if (dummy === undefined) {
    return { datapathTypes, interfaceTypes: INTERFACE_TYPES, dummies: undefined, dummyTypes: new Set() };
  }
  datapathTypes.set("dummy", "dummy");
  if (dummy !== "none") datapathTypes.set("system", "dummy");
  if (dummy === "override") datapathTypes.set("netdev", "dummy");
  return {
    datapathTypes,
    interfaceTypes: [...INTERFACE_TYPES, ...DUMMY_TYPES].sort(),
    dummies: new DummyNetdevs(vports),
    dummyTypes: new Set([
      ...DUMMY_TYPES,
      ...(dummy === "none" ? [] : ["system"]),
      ...(dummy === "override"
        ? INTERFACE_TYPES.filter((type) => type !== "patch" && type !== "internal")
        : []),
    ]),
  };
}

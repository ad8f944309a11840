// What `scan` finds: plain data, which is also what `scan --json` prints.

/** A network namespace and how it can be found. */
export interface ScannedNetns {
  /** Inode number: the namespace's identity. */
  readonly inode: number;
  /** The namespace that scan was started in. */
  readonly own: boolean;
  /** Names in /run/netns. */
  readonly names: readonly string[];
  /** Other places where it is mounted (/run/docker/netns/...). */
  readonly mounts: readonly string[];
  readonly processes: readonly ScannedProcess[];
  /** Why its devices could not be read. */
  readonly unreadable?: string;
  readonly devices: readonly ScannedDevice[];
  /** Routes of the main table, in short. */
  readonly routes: readonly string[];
  /** Settings that decide about packets, by their names under net. (those that could be read). */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface ScannedProcess {
  readonly pid: number;
  readonly command: string;
}

/** Another device, in this or another namespace. */
export interface DeviceReference {
  /** Inode of the namespace; absent if it was not found. */
  readonly netns?: number;
  readonly ifindex: number;
  /** Absent if the device was not found. */
  readonly name?: string;
}

export interface ScannedDevice {
  readonly ifindex: number;
  readonly name: string;
  /** IFLA_INFO_KIND; "loopback" or "device" for those without. */
  readonly kind: string;
  readonly state: string;
  readonly mtu: number;
  readonly mac?: string;
  readonly alias?: string;
  readonly altnames: readonly string[];
  /** IFLA_GROUP, 0 by default. */
  readonly group: number;
  /** ADDRESS/LENGTH */
  readonly addresses: readonly string[];
  /** Name of the bridge, bond or datapath that it is a port of. */
  readonly master?: string;
  /** The other end of a veth. */
  readonly peer?: DeviceReference;
  /** The device below a VLAN, macvlan, ... */
  readonly lower?: DeviceReference;
  /** Of a VLAN device. */
  readonly vlanId?: number;
  readonly bridge?: ScannedBridge;
  /** Of a bridge's port. */
  readonly vlans?: readonly ScannedVlan[];
  /** Of a bridge's port: addresses learned or configured there, without those of the port itself. */
  readonly forwarding?: readonly ForwardingEntry[];
}

export interface ScannedBridge {
  readonly vlanFiltering: boolean;
  readonly stp: boolean;
  readonly ports: readonly string[];
}

export interface ScannedVlan {
  readonly vid: number;
  readonly last?: number;
  readonly pvid: boolean;
  readonly untagged: boolean;
}

export interface ForwardingEntry {
  readonly mac: string;
  readonly vlan?: number;
  readonly permanent: boolean;
}

/** A bridge of Open vSwitch, from its database. */
export interface ScannedOvsBridge {
  readonly name: string;
  readonly datapathType: string;
  readonly controllers: readonly string[];
  /** OpenFlow tables that have names; absent without one. */
  readonly flowTables?: readonly { readonly table: number; readonly name: string }[];
  readonly ports: readonly ScannedOvsPort[];
}

export interface ScannedOvsPort {
  readonly name: string;
  readonly tag?: number;
  readonly trunks: readonly number[];
  readonly interfaces: readonly {
    readonly name: string;
    readonly type: string;
    readonly ofport?: number;
    /** patch: the peer; tunnels: the remote address. */
    readonly to?: string;
    readonly externalIds: Readonly<Record<string, string>>;
  }[];
}

export interface Scan {
  readonly host: string;
  readonly kernel: string;
  readonly namespaces: readonly ScannedNetns[];
  /** Absent if there is no database. */
  readonly ovs?: readonly ScannedOvsBridge[];
  /** What could not be read, with the reason. */
  readonly unread: readonly string[];
}

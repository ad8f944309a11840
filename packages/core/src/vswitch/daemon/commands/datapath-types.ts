// What internal ports are called in each kind of datapath (dpif_netdev_port_open_type).

export const INTERNAL_TYPES = { kernel: "internal", userspace: "tap", dummy: "dummy-internal" } as const;

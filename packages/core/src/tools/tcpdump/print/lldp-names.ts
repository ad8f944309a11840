// Names in LLDP (IEEE 802.1AB, 802.1Q, 802.3, and the media extensions of TIA).

import { NameTable } from "./names.ts";

export const TLVS = new NameTable([
  [0, "End"],
  [1, "Chassis ID"],
  [2, "Port ID"],
  [3, "Time to Live"],
  [4, "Port Description"],
  [5, "System Name"],
  [6, "System Description"],
  [7, "System Capabilities"],
  [8, "Management Address"],
  [127, "Organization specific"],
]);

export const CHASSIS_SUBTYPES = new NameTable([
  [1, "Chassis component"],
  [2, "Interface alias"],
  [3, "Port component"],
  [4, "MAC address"],
  [5, "Network address"],
  [6, "Interface name"],
  [7, "Local"],
]);

export const PORT_SUBTYPES = new NameTable([
  [1, "Interface alias"],
  [2, "Port component"],
  [3, "MAC address"],
  [4, "Network Address"],
  [5, "Interface Name"],
  [6, "Agent circuit ID"],
  [7, "Local"],
]);

export const CAPABILITIES = new NameTable([
  [1, "Other"],
  [2, "Repeater"],
  [4, "Bridge"],
  [8, "WLAN AP"],
  [16, "Router"],
  [32, "Telephone"],
  [64, "Docsis"],
  [128, "Station Only"],
]);

export const SUBTYPES_8021 = new NameTable([
  [1, "Port VLAN Id"],
  [2, "Port and Protocol VLAN ID"],
  [3, "VLAN name"],
  [4, "Protocol Identity"],
  [7, "Link aggregation"],
  [8, "Congestion Notification"],
  [9, "ETS Configuration"],
  [10, "ETS Recommendation"],
  [11, "Priority Flow Control Configuration"],
  [12, "Application Priority"],
  [13, "EVB"],
  [14, "CDCP"],
]);

export const PPVID_FLAGS = new NameTable([
  [2, "supported"],
  [4, "enabled"],
]);

export const SUBTYPES_8023 = new NameTable([
  [1, "MAC/PHY configuration/status"],
  [2, "Power via MDI"],
  [3, "Link aggregation"],
  [4, "Max frame size"],
]);

export const SUBTYPES_TIA = new NameTable([
  [1, "LLDP-MED Capabilities"],
  [2, "Network policy"],
  [3, "Location identification"],
  [4, "Extended power-via-MDI"],
  [5, "Inventory - hardware revision"],
  [6, "Inventory - firmware revision"],
  [7, "Inventory - software revision"],
  [8, "Inventory - serial number"],
  [9, "Inventory - manufacturer name"],
  [10, "Inventory - model name"],
  [11, "Inventory - asset ID"],
]);

/** Of the inventory, in front of the value. */
export const INVENTORY = new NameTable([
  [5, "Hardware revision"],
  [6, "Firmware revision"],
  [7, "Software revision"],
  [8, "Serial number"],
  [9, "Manufacturer name"],
  [10, "Model name"],
  [11, "Asset ID"],
]);

export const ALTITUDES = new NameTable([
  [1, "meters"],
  [2, "floors"],
]);

export const CIVIC_TYPES = new NameTable([
  [1, "national subdivisions (state,canton,region,province,prefecture)"],
  [2, "county, parish, gun, district"],
  [3, "city, township, shi"],
  [4, "city division, borough, city district, ward chou"],
  [5, "neighborhood, block"],
  [6, "street"],
]);

export const CIVIC_WHATS = new NameTable([
  [0, "location of DHCP server"],
  [1, "location of the network element believed to be closest to the client"],
  [2, "location of the client"],
]);

export const MAU_TYPES = new NameTable([
  [0, "Unknown"],
  [1, "AUI"],
  [2, "10BASE_5"],
  [3, "FOIRL"],
  [4, "10BASE2"],
  [5, "10BASET duplex mode unknown"],
  [6, "10BASEFP"],
  [7, "10BASEFB"],
  [8, "10BASEFL duplex mode unknown"],
  [9, "10BROAD36"],
  [10, "10BASET hdx"],
  [11, "10BASET fdx"],
  [12, "10BASEFL hdx"],
  [13, "10BASEFL fdx"],
  [14, "100BASET4"],
  [15, "100BASETX hdx"],
  [16, "100BASETX fdx"],
  [17, "100BASEFX hdx"],
  [18, "100BASEFX fdx"],
  [19, "100BASET2 hdx"],
  [20, "100BASET2 fdx"],
  [21, "1000BASEX hdx"],
  [22, "1000BASEX fdx"],
  [23, "1000BASELX hdx"],
  [24, "1000BASELX fdx"],
  [25, "1000BASESX hdx"],
  [26, "1000BASESX fdx"],
  [27, "1000BASECX hdx"],
  [28, "1000BASECX fdx"],
  [29, "1000BASET hdx"],
  [30, "1000BASET fdx"],
  [31, "10GBASEX"],
  [32, "10GBASELX4"],
  [33, "10GBASER"],
  [34, "10GBASEER"],
  [35, "10GBASELR"],
  [36, "10GBASESR"],
  [37, "10GBASEW"],
  [38, "10GBASEEW"],
  [39, "10GBASELW"],
  [40, "10GBASESW"],
]);

export const AUTONEGOTIATION = new NameTable([
  [1, "supported"],
  [2, "enabled"],
]);

export const TIA_CAPABILITIES = new NameTable([
  [1, "LLDP-MED capabilities"],
  [2, "network policy"],
  [4, "location identification"],
  [8, "extended power via MDI-PSE"],
  [16, "extended power via MDI-PD"],
  [32, "Inventory"],
]);

export const TIA_DEVICES = new NameTable([
  [1, "endpoint class 1"],
  [2, "endpoint class 2"],
  [3, "endpoint class 3"],
  [4, "network connectivity"],
]);

export const TIA_APPLICATIONS = new NameTable([
  [1, "voice"],
  [2, "voice signaling"],
  [3, "guest voice"],
  [4, "guest voice signaling"],
  [5, "softphone voice"],
  [6, "video conferencing"],
  [7, "streaming video"],
  [8, "video signaling"],
]);

export const TIA_POLICY = new NameTable([
  [128, "Unknown"],
  [64, "Tagged"],
  [32, "reserved"],
]);

export const LOCATIONS = new NameTable([
  [1, "coordinate-based LCI"],
  [2, "civic address LCI"],
  [3, "ECS ELIN"],
]);

export const DATUMS = new NameTable([
  [1, "World Geodesic System 1984"],
  [2, "North American Datum 1983 (NAVD88)"],
  [3, "North American Datum 1983 (MLLW)"],
]);

export const POWER_SOURCES_PSE = new NameTable([
  [1, "PSE - primary power source"],
  [2, "local - backup power source"],
  [3, "PSE+local - reserved"],
]);

export const POWER_PRIORITIES = new NameTable([
  [1, "critical"],
  [2, "high"],
  [3, "low"],
]);

export const PMD_CAPABILITIES = new NameTable([
  [0x4000, "10BASE-T hdx"],
  [0x2000, "10BASE-T fdx"],
  [0x1000, "100BASE-T4"],
  [0x800, "100BASE-TX hdx"],
  [0x400, "100BASE-TX fdx"],
  [0x200, "100BASE-T2 hdx"],
  [0x100, "100BASE-T2 fdx"],
  [128, "Pause for fdx links"],
  [64, "Asym PAUSE for fdx"],
  [32, "Sym PAUSE for fdx"],
  [16, "Asym and Sym PAUSE for fdx"],
  [8, "1000BASE-{X LX SX CX} hdx"],
  [4, "1000BASE-{X LX SX CX} fdx"],
  [2, "1000BASE-T hdx"],
  [1, "1000BASE-T fdx"],
]);

export const MDI_POWER = new NameTable([
  [1, "PSE"],
  [2, "supported"],
  [4, "enabled"],
  [8, "can be controlled"],
]);

export const MDI_PAIRS = new NameTable([
  [1, "signal"],
  [2, "spare"],
]);

export const MDI_CLASSES = new NameTable([
  [1, "class0"],
  [2, "class1"],
  [3, "class2"],
  [4, "class3"],
  [5, "class4"],
]);

export const AGGREGATION = new NameTable([
  [1, "supported"],
  [2, "enabled"],
]);

export const CISCO_SUBTYPES = new NameTable([
  [1, "DCB Capability Exchange Protocol Rev 1"],
  [2, "DCB Capability Exchange Protocol Rev 1.01"],
]);

export const INTERFACE_NUMBERING = new NameTable([
  [2, "Interface Index"],
  [3, "System Port Number"],
]);

export const EVB_MODES = new NameTable([
  [0, "Not Supported"],
  [1, "EVB Bridge"],
  [2, "EVB Station"],
  [3, "Reserved for future Standardization"],
]);

export const MUD_SUBTYPES = new NameTable([[1, "MUD-URL"]]);

// Names of ISAKMP (RFC 2408), IKEv1 (RFC 2407, 2409) and IKEv2 (RFC 4306), by number.

export type Names = readonly (string | undefined)[];

/** The name, or "#number". */
export function named(names: Names, value: number): string {
  return names[value] || `#${value}`;
}

export const PROTOCOLS: Names = ["", "isakmp", "ipsec-ah", "ipsec-esp", "ipcomp"];

const unnamed = Array.from({ length: 19 }, (_, index) => `pay${14 + index}`);
/** Payloads; IKEv2's start at 33. */
export const PAYLOADS: Names = ["none", "sa", "p", "t", "ke", "id", "cert", "cr", "hash", "sig", "nonce", "n", "d", "vid",
  ...unnamed, "v2sa", "v2ke", "v2IDi", "v2IDr", "v2cert", "v2cr", "v2auth", "v2nonce", "v2n", "v2d", "v2vid", "v2TSi",
  "v2TSr", "v2e", "v2cp", "v2eap"]; // prettier-ignore

const reserved = Array.from({ length: 26 }, () => "");
export const EXCHANGES: Names = ["none", "base", "ident", "auth", "agg", "inf", ...reserved, "oakley-quick",
  "oakley-newgroup", "ikev2_init", "ikev2_auth", "child_sa", "inf2"]; // prettier-ignore

export const GROUPS: Names = ["", "modp768", "modp1024", "EC2N 2^155", "EC2N 2^185", "modp1536", "iana-grp06",
  "iana-grp07", "iana-grp08", "iana-grp09", "iana-grp10", "iana-grp11", "iana-grp12", "iana-grp13", "modp2048",
  "modp3072", "modp4096", "modp6144", "modp8192"]; // prettier-ignore
/** As values of attributes the last one has no name. */
const attributeGroups = GROUPS.slice(0, -1);

/** Transforms of IKEv1 by protocol, and of IKEv2 by type. */
export const IKE_TRANSFORMS: Names = ["", "ike"];
export const AH_TRANSFORMS: Names = [
  "",
  "(reserved)",
  "md5",
  "sha",
  "1des",
  "sha2-256",
  "sha2-384",
  "sha2-512",
];
export const ESP_TRANSFORMS: Names = ["", "1des-iv64", "1des", "3des", "rc5", "idea", "cast", "blowfish", "3idea",
  "1des-iv32", "rc4", "null", "aes"]; // prettier-ignore
export const COMPRESSIONS: Names = ["", "oui", "deflate", "lzs"];
export const TRANSFORM_TYPES: Names = ["", "encr", "prf", "integ", "dh", "esn"];
export const PSEUDO_RANDOM: Names = ["", "hmac-md5", "hmac-sha", "hmac-tiger", "aes128_xcbc"];
export const INTEGRITY: Names = ["", "hmac-md5", "hmac-sha", "dec-mac", "kpdk-md5", "aes-xcbc"];
export const EXTENDED_NUMBERS: Names = ["no-esn", "esn"];

/** Attributes of transforms: their names, and the names of their values. */
export type AttributeNames = readonly (readonly [name: string, values?: Names])[];
const lifetimes: Names = ["", "sec", "kb"];

export const IPSEC_ATTRIBUTES: AttributeNames = [
  [""],
  ["lifetype", lifetimes],
  ["life"],
  ["group desc", attributeGroups],
  ["enc mode", ["", "tunnel", "transport"]],
  ["auth", ["", "hmac-md5", "hmac-sha1", "1des-mac", "keyed"]],
  ["keylen"],
  ["rounds"],
  ["dictsize"],
  ["privalg"],
];
export const OAKLEY_ATTRIBUTES: AttributeNames = [
  [""],
  ["enc", ["", "1des", "idea", "blowfish", "rc5", "3des", "cast", "aes"]],
  ["hash", ["", "md5", "sha1", "tiger", "sha2-256", "sha2-384", "sha2-512"]],
  ["auth", ["", "preshared", "dss", "rsa sig", "rsa enc", "rsa enc revised"]],
  ["group desc", attributeGroups],
  ["group type", ["", "MODP", "ECP", "EC2N"]],
  ["group prime"],
  ["group gen1"],
  ["group gen2"],
  ["group curve A"],
  ["group curve B"],
  ["lifetype", lifetimes],
  ["lifeduration"],
  ["prf"],
  ["keylen"],
  ["field"],
  ["order"],
];
export const ENCRYPTION_ATTRIBUTES: AttributeNames = [
  ...Array.from({ length: 14 }, (): readonly [string] => [""]),
  ["keylen"],
];

export const IDENTITIES: Names = ["", "IPv4", "FQDN", "user FQDN", "IPv4net", "IPv6", "IPv6net", "IPv4range", "IPv6range",
  "ASN1 DN", "ASN1 GN", "keyid"]; // prettier-ignore
export const CERTIFICATES: Names = ["none", "pkcs7", "pgp", "dns", "x509sign", "x509ke", "kerberos", "crl", "arl", "spki",
  "x509attr"]; // prettier-ignore
export const AUTHENTICATIONS: Names = ["invalid", "rsasig", "shared-secret", "dsssig"];

export const NOTIFY_ERRORS: Names = ["", "INVALID-PAYLOAD-TYPE", "DOI-NOT-SUPPORTED", "SITUATION-NOT-SUPPORTED",
  "INVALID-COOKIE", "INVALID-MAJOR-VERSION", "INVALID-MINOR-VERSION", "INVALID-EXCHANGE-TYPE", "INVALID-FLAGS",
  "INVALID-MESSAGE-ID", "INVALID-PROTOCOL-ID", "INVALID-SPI", "INVALID-TRANSFORM-ID", "ATTRIBUTES-NOT-SUPPORTED",
  "NO-PROPOSAL-CHOSEN", "BAD-PROPOSAL-SYNTAX", "PAYLOAD-MALFORMED", "INVALID-KEY-INFORMATION",
  "INVALID-ID-INFORMATION", "INVALID-CERT-ENCODING", "INVALID-CERTIFICATE", "CERT-TYPE-UNSUPPORTED",
  "INVALID-CERT-AUTHORITY", "INVALID-HASH-INFORMATION", "AUTHENTICATION-FAILED", "INVALID-SIGNATURE",
  "ADDRESS-NOTIFICATION", "NOTIFY-SA-LIFETIME", "CERTIFICATE-UNAVAILABLE", "UNSUPPORTED-EXCHANGE-TYPE",
  "UNEQUAL-PAYLOAD-LENGTHS"]; // prettier-ignore
export const IPSEC_STATUS: Names = ["RESPONDER-LIFETIME", "REPLAY-STATUS", "INITIAL-CONTACT"];

/** Notifications of IKEv2, and whether their SPI is shown. */
export const NOTIFICATIONS: ReadonlyMap<number, readonly [name: string, showsSpi: boolean]> = new Map([
  [1, ["unsupported_critical_payload", false]],
  [4, ["invalid_ike_spi", true]],
  [5, ["invalid_major_version", false]],
  [7, ["invalid_syntax", true]],
  [9, ["invalid_message_id", true]],
  [11, ["invalid_spi", true]],
  [14, ["no_protocol_chosen", true]],
  [17, ["invalid_ke_payload", true]],
  [24, ["authentication_failed", true]],
  [34, ["single_pair_required", true]],
  [35, ["no_additional_sas", false]],
  [36, ["internal_address_failure", false]],
  [37, ["failed:cp_required", false]],
  [39, ["invalid_selectors", false]],
  [16384, ["initial_contact", false]],
  [16385, ["set_window_size", false]],
  [16386, ["additional_ts_possible", false]],
  [16387, ["ipcomp_supported", false]],
  [16388, ["nat_detection_source_ip", true]],
  [16389, ["nat_detection_destination_ip", true]],
  [16390, ["cookie", true]],
  [16391, ["use_transport_mode", false]],
  [16392, ["http_cert_lookup_supported", false]],
  [16393, ["rekey_sa", true]],
  [16394, ["tfc_padding_not_supported", false]],
  [16395, ["non_first_fragment_also", false]],
]);

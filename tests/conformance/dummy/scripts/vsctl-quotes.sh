# Quotation marks and backslashes in the arguments of ovs-vsctl.
start
v() { t ovs-vsctl --no-wait "$@"; }
for x in '\"nix\"' 'a\:b' 'a\\b' '"a\"b"' '"a\\b"' 'a\' '"a\' '"a' 'a"b c"d' 'a\"b' '\a' '"\a"' '"\u0041"' '\u0041' '"a:b"' 'a\,b' 'a\ b' '"a"b' 'a"b"' "'a'" '""' '\"\"' '"a\nb"' 'a\nb' '\"a:b\"' '\"a' ; do
v set bridge br0 external_ids:k=$x
v get bridge br0 external_ids:k
v set bridge br0 "external_ids:$x=1"
v remove bridge br0 external_ids "$x"
v clear bridge br0 external_ids
v set bridge br0 "$x=1"
v get bridge br0 "$x"
v --if-exists get bridge br0 "external_ids:$x"
v find bridge "external_ids:k=$x"
done
stop

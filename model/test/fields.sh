#!/bin/sh
# Every field of struct e1000 has its row in save.def, by the compiler's own word: the debug information
# of an object that uses it. Usage: CC=... fields.sh SCRATCH-FOLDER
set -eu
cd "$(dirname "$0")/../.."
object=$1/fields.o
mkdir -p "$1"
${CC:-gcc} -std=c11 -O0 -g -ffreestanding -c model/device.c -o "$object"
{
    sed -nE 's/^(ONE|MANY|BYTES|LEFT) *\( *([a-z0-9_.]*).*/row \1 \2/p
             s/^EACH *\( *([a-z0-9_.]*), *([a-z0-9_.]*).*/row EACH \1.\2/p' model/save.def
    readelf --debug-dump=info --wide "$object" 2>/dev/null
} | awk '
    $1 == "row" { fate[$3] = $2; next }
    /^ *<[0-9a-f]+><[0-9a-f]+>: Abbrev Number: 0/ { next }
    /^ *<[0-9a-f]+><[0-9a-f]+>: Abbrev Number/ {
        split($1, part, /[<>]/)
        depth = part[2]
        die = part[4]
        tag[die] = $NF
        gsub(/[()]/, "", tag[die])
        open[depth] = die
        mother = depth > 0 ? open[depth - 1] : ""
        child[mother, ++children[mother]] = die
        next
    }
    /DW_AT_name/ { name[die] = $NF }
    /DW_AT_type / && match($0, /<0x[0-9a-f]+>/) { type[die] = substr($0, RSTART + 3, RLENGTH - 4) }
    /DW_AT_declaration/ { declared[die] = 1 }

    function row_of(path,   p) { # its own, or that of a whole that is left out
        if (path in fate)
            return path
        for (p = path; sub(/\.[^.]*$/, "", p);)
            if (p in fate && fate[p] == "LEFT")
                return p
        return ""
    }
    function walk(die, path,   i, sub_die, row) {
        while (tag[die] == "DW_TAG_typedef" || tag[die] == "DW_TAG_const_type" || tag[die] == "DW_TAG_array_type")
            die = type[die]
        if (tag[die] == "DW_TAG_structure_type" || tag[die] == "DW_TAG_union_type") {
            for (i = 1; i <= children[die]; i++) {
                sub_die = child[die, i]
                if (tag[sub_die] == "DW_TAG_member")
                    walk(type[sub_die], name[sub_die] == "" ? path : path (path == "" ? "" : ".") name[sub_die])
            }
            return
        }
        fields++
        row = row_of(path)
        used[row] = 1
        if (row == "") {
            print "fields: struct e1000 has " path ", save.def has not: save it, or say there why it is left out"
            missing++
        }
    }
    END {
        for (d in tag)
            if (tag[d] == "DW_TAG_structure_type" && name[d] == "e1000" && !(d in declared))
                device = d
        if (device == "") {
            print "fields: no struct e1000 in the debug information"
            exit 1
        }
        walk(device, "")
        for (r in fate)
            if (!(r in used) && r != "") {
                print "fields: save.def has " r ", struct e1000 has not"
                missing++
            }
        if (!missing)
            print "fields: " fields " fields, each saved or left out for a reason"
        exit missing > 0
    }'

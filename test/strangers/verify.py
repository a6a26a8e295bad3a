"""Checks what Candor makes with Python's cryptography and cbor2, and nothing of Candor's:

    verify.py checkpoint VKEY NOTE       a log's signed head
    verify.py cosignature VKEY NOTE      a witness's or mirror's line below it
    verify.py proof VKEY PROOF           a C2SP .tlog-proof: the entry is in the log
    verify.py statement KEY ENTRY        a signed statement (COSE_Sign1); KEY in hexadecimal
    verify.py equivocation FILE          that one key signed two things that exclude each other
    verify.py log CHARTER DIRECTORY      a whole published log, from the charter alone; prints its keys

It prints what it found and ends with 0, or says why not and ends with 1.
"""

import base64
import hashlib
import hmac
import sys
from pathlib import Path

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class NotShown(Exception):
    pass


def require(holds, why):
    if not holds:
        raise NotShown(why)


# ---- bytes ----


def sha256(data):
    return hashlib.sha256(data).digest()


def unbase64(text):
    """Strictly: the one text of these bytes."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise NotShown("not base64") from None
    require(base64.b64encode(data).decode() == text, "not base64")
    return data


def count(text):
    require(text.isascii() and text.isdecimal() and str(int(text)) == text, "not a count")
    require(int(text) < 2**53, "a count above 2^53 - 1")
    return int(text)


def digest(text):
    data = unbase64(text)
    require(len(data) == 32, "not a hash")
    return data


def from_cbor(data):
    """Deterministic CBOR: what was read must encode to the same bytes."""
    value = cbor2.loads(data)
    require(cbor2.dumps(value, canonical=True) == data, "not deterministic CBOR")
    return value


def to_cbor(value):
    return cbor2.dumps(value, canonical=True)


def signed_by(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
        return True
    except (InvalidSignature, ValueError):
        return False


# ---- RFC 6962 ----


def leaf_hash(entry):
    return sha256(b"\0" + entry)


def node_hash(left, right):
    return sha256(b"\1" + left + right)


def tree_hash(leaves):
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"")
    k = split(len(leaves))
    return node_hash(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


def split(n):
    """The largest power of two below n."""
    return 1 << (n - 1).bit_length() - 1


def root_from_inclusion(leaf, index, size, proof):
    """RFC 6962 section 2.1.1 read backwards: the root to which a path leads."""
    if size == 1:
        require(not proof, "a hash too many")
        return leaf
    require(proof, "a hash too few")
    k = split(size)
    if index < k:
        return node_hash(root_from_inclusion(leaf, index, k, proof[:-1]), proof[-1])
    return node_hash(proof[-1], root_from_inclusion(leaf, index - k, size - k, proof[:-1]))


def roots_from_consistency(old_size, size, proof, old_root, whole=True):
    """RFC 6962 section 2.1.2 read backwards: the roots of the old and of the new tree."""
    if old_size == size:
        if whole:
            require(not proof, "a hash too many")
            return old_root, old_root
        require(len(proof) == 1, "hashes too many or too few")
        return proof[0], proof[0]
    require(proof, "a hash too few")
    k = split(size)
    if old_size <= k:
        old, new = roots_from_consistency(old_size, k, proof[:-1], old_root, whole)
        return old, node_hash(new, proof[-1])
    old, new = roots_from_consistency(old_size - k, size - k, proof[:-1], old_root, False)
    return node_hash(proof[-1], old), node_hash(proof[-1], new)


# ---- C2SP signed notes ----


def key_of(vkey):
    name, key_id, rest = vkey.split("+", 2)
    raw = unbase64(rest)
    require(len(raw) == 33 and raw[0] in (1, 4), "not a verifier key of type 1 or 4")
    require(sha256(name.encode() + b"\n" + raw)[:4].hex() == key_id, "the verifier key does not fit its own id")
    return name, bytes.fromhex(key_id), raw[0], raw[1:]


def open_note(vkey, note):
    """The head that this key signed, the time where it is a cosigner, and how many lines the note has."""
    name, key_id, kind, key = key_of(vkey)
    try:
        text, lines = note.decode().rsplit("\n\n", 1)
    except ValueError:
        raise NotShown("not a note") from None
    require(lines.endswith("\n") and not any(ord(c) < 32 and c != "\n" for c in text), "not a note")
    text += "\n"
    lines = lines[:-1].split("\n")
    times = []
    for line in lines:
        words = line.split(" ")
        require(len(words) == 3 and words[0] == "\u2014", "not a signature line")
        raw = unbase64(words[2])
        if words[1] != name or raw[:4] != key_id:
            continue
        if kind == 1:
            require(signed_by(key, text.encode(), raw[4:]), "a bad signature")
            times.append(None)
        else:
            require(len(raw) == 4 + 8 + 64, "not a cosignature")
            time = int.from_bytes(raw[4:12], "big")
            message = f"cosignature/v1\ntime {time}\n{text}".encode()
            require(signed_by(key, message, raw[12:]), "a bad cosignature")
            times.append(time)
    require(times, "not signed by this key")
    parts = text.split("\n")
    require(len(parts) == 4 and parts[3] == "", "not the three lines of a checkpoint")
    require(kind == 4 or name == parts[0], "not the key of this log")
    return {
        "origin": parts[0],
        "size": count(parts[1]),
        "root": digest(parts[2]),
        "time": times[0],
        "lines": len(lines),
    }


def check_head(vkey, note):
    head = open_note(vkey, note)
    require(head["size"] > 0 or head["root"] == sha256(b""), "size 0 with another root than that of no entries")
    return head


def open_proof(vkey, file):
    top, found, note = file.partition(b"\n\n")
    lines = top.decode().split("\n")
    require(found and len(lines) >= 3 and lines[0] == "c2sp.org/tlog-proof@v1", "not a tlog-proof")
    require(lines[1].startswith("extra ") and lines[2].startswith("index "), "no entry or index")
    entry, index = unbase64(lines[1][6:]), count(lines[2][6:])
    head = open_note(vkey, note)
    require(index < head["size"], "the index is outside the log")
    root = root_from_inclusion(leaf_hash(entry), index, head["size"], [digest(line) for line in lines[3:]])
    require(root == head["root"], "the entry is not under this head")
    return entry, index, head


# ---- equivocation ----


def equivocation(file):
    lines = file.decode().split("\n")
    require(len(lines) >= 6 and lines[0] == "candor/equivocation@v1" and lines[-1] == "", "not an equivocation proof")
    for line, word in zip(lines[1:5], ("kind ", "subject ", "a ", "b ")):
        require(line.startswith(word), "not an equivocation proof")
    kind, subject = lines[1][5:], lines[2][8:]
    sides = [unbase64(lines[3][2:]), unbase64(lines[4][2:])]
    require(kind in ("size", "tree", "leaf", "cosigner"), "another kind")
    require((key_of(subject)[2] == 4) == (kind == "cosigner"), "the key is not of this kind")
    entries = []
    if kind == "leaf":
        proofs = [open_proof(subject, side) for side in sides]
        a, b = (head for _, _, head in proofs)
        entries = [(index, entry) for entry, index, _ in proofs]
    else:
        a, b = (open_note(subject, side) for side in sides)
    require(a["origin"] == b["origin"], "two different logs")
    require(a["lines"] == b["lines"] == 1, "a line of somebody else")
    require((a["size"], a["root"]) < (b["size"], b["root"]), "not in order, or the same head twice")
    require(exclude(kind, a, b, entries, lines[5:-1]), "the two do not exclude each other")
    return subject.split("+")[0], kind, a["size"], b["size"]


def exclude(kind, a, b, entries, rest):
    if rest:
        return kind in ("tree", "cosigner") and another_tree(a, b, rest)
    if kind == "leaf":
        (index, entry), (other_index, other) = entries
        return index == other_index and entry != other
    if kind in ("size", "cosigner") and a["size"] == b["size"]:
        return True
    return kind == "cosigner" and a["time"] > b["time"]


def another_tree(a, b, rest):
    """b continues a tree which at a's size has another root than a."""
    require(rest[0].startswith("prefix-root ") and all(line.startswith("proof ") for line in rest[1:]), "no prefix root")
    prefix, proof = digest(rest[0][12:]), [digest(line[6:]) for line in rest[1:]]
    require(a["size"] < b["size"], "a prefix root for one size")
    if a["size"] == 0:
        require(prefix == sha256(b"") and not proof, "not the root of no entries")
    else:
        old, new = roots_from_consistency(a["size"], b["size"], proof, prefix)
        require(old == prefix and new == b["root"], "the proof does not lead to b")
    return prefix != a["root"]


# ---- statements ----

MEDIA_TYPE = "application/vnd.candor.statement+cbor"


def open_statement(entry):
    """COSE_Sign1 (RFC 9052) with an empty unprotected map: header, statement, what is signed, signature."""
    require(len(entry) <= 4096 and entry[:2] == b"\xd2\x84", "not a COSE_Sign1")
    value = from_cbor(entry)
    require(isinstance(value, cbor2.CBORTag) and value.tag == 18 and len(value.value) == 4, "not a COSE_Sign1")
    protected, unprotected, payload, signature = value.value
    require(unprotected == {} and len(signature) == 64, "not the envelope of a statement")
    header, statement = from_cbor(protected), from_cbor(payload)
    require(set(header) == {1, 3, 4, 15} and header[1] in (-8, -19) and header[3] == MEDIA_TYPE, "not the header of a statement")
    require(statement["v"] == 1 and len(statement["parts"]) == 3, "not a statement")
    return header, statement, to_cbor(["Signature1", protected, b"", payload]), signature


def check_statement(key, entry):
    header, statement, message, signature = open_statement(entry)
    require(header[4] == sha256(key), "signed with another key")
    require(signed_by(key, message, signature), "a bad signature")
    return header, statement


def check_part(header, statement, part):
    """That these bytes are what the statement commits to as its public part."""
    opening, media_type, content = part
    place = [opening, header[15][1], statement["record"], statement["version"], "public"]
    message = to_cbor([*place, media_type, sha256(content), len(content)])
    made = hmac.new(b"candor/part/v1", message, hashlib.sha256).digest()
    require(made == statement["parts"][0], "the public part is not what was committed to")


# ---- a whole log, from the charter alone ----


def check_log(charter_file, directory):
    charter = from_cbor(charter_file)
    document = from_cbor(charter["document"])
    network = base64.b32encode(sha256(charter["document"])).decode().rstrip("=").lower()
    note = (directory / "checkpoint").read_bytes()
    origin = note.decode().split("\n")[0]
    domain, _, of_network, epoch = origin.split("/")
    require(of_network == network, "a log of another network")
    signatures = dict(charter["signatures"])
    message = to_cbor(["candor/charter/v1", sha256(charter["document"])])
    for member in document["members"]:
        require(signed_by(member["root"], message, signatures[member["domain"]]), "the charter is not signed by all")
    (root,) = [member["root"] for member in document["members"] if member["domain"] == domain]
    size = count(note.decode().split("\n")[1])
    entries, parts = read_entries(directory, size), read_parts(directory, size)
    keys = {}
    for index, (entry, part) in enumerate(zip(entries, parts)):
        header, statement, _, _ = open_statement(entry)
        require(header[15][1] == origin, f"entry {index} is of another log")
        kind = statement["kind"]
        require((kind == "epoch") == (index == 0), f"entry {index} opens the log again")
        if kind in ("epoch", "key"):
            check_statement(root, entry)
        else:
            signer = keys.get(header[4])
            require(signer is not None and signer["purpose"] == "statement" and not signer["out"], f"entry {index}: no key in force")
            check_statement(signer["key"], entry)
        if part is None:
            print(f"note: the public part of entry {index} is not here")
            continue
        check_part(header, statement, part)
        if kind in ("epoch", "key"):
            apply_keys(keys, from_cbor(part[2]), origin)
    (log_key,) = [one["key"] for one in keys.values() if one["purpose"] == "log"]
    head = check_head(vkey_of(origin, 1, log_key), note)
    require(tree_hash([leaf_hash(entry) for entry in entries]) == head["root"], "the entries are not those of the head")
    return origin, size, domain, keys


def apply_keys(keys, document, origin):
    if "retire" in document or "revoke" in document:
        key_id = document["retire"] if "retire" in document else document["revoke"][0]
        keys[key_id]["out"] = True
        return
    for purpose, key, possession in document["keys"] if "keys" in document else [document["add"]]:
        if purpose not in ("box", "node"):
            message = to_cbor(["candor/possession/v1", origin, purpose, sha256(key)])
            require(signed_by(key, message, possession), f"the {purpose} key is not possessed by its owner")
        keys[sha256(key)] = {"purpose": purpose, "key": key, "out": False}


def vkey_of(name, kind, key):
    raw = bytes([kind]) + key
    return f"{name}+{sha256(name.encode() + bytes([10]) + raw)[:4].hex()}+{base64.b64encode(raw).decode()}"


def bundles(size):
    """C2SP tile paths of the entry bundles of a log of this size, with their widths."""
    for number in range((size + 255) // 256):
        width = min(256, size - number * 256)
        name, rest = f"{number % 1000:03}", number // 1000
        while rest:
            name, rest = f"x{rest % 1000:03}/{name}", rest // 1000
        yield name + ("" if width == 256 else f".p/{width}"), width


def read_entries(directory, size):
    entries = []
    for name, width in bundles(size):
        data, at = (directory / "tile/entries" / name).read_bytes(), 0
        for _ in range(width):
            length = int.from_bytes(data[at : at + 2], "big")
            entries.append(data[at + 2 : at + 2 + length])
            at += 2 + length
        require(at == len(data), "a bundle of another length")
    return entries


def read_parts(directory, size):
    """Openings and public parts, in the grid of the bundles; an empty place is a part that was removed."""
    parts = []
    for name, width in bundles(size):
        data, at = (directory / "parts" / name).read_bytes(), 0
        for _ in range(width):
            length = int.from_bytes(data[at : at + 4], "big")
            place = data[at + 4 : at + 4 + length]
            at += 4 + length
            end = 33 + place[32] if place else 0
            parts.append((place[:32], place[33:end].decode(), place[end:]) if place else None)
        require(at == len(data), "a bundle of parts of another length")
    return parts


# ---- what was asked ----


def main(arguments):
    command, *rest = arguments or ["help"]
    if command in ("checkpoint", "cosignature") and len(rest) == 2:
        head = check_head(rest[0], Path(rest[1]).read_bytes())
        print(f"ok: {rest[0].split('+')[0]} signed size {head['size']} of {head['origin']}")
        if head["time"] is not None:
            print(f"    at {head['time']} seconds since 1970, by its clock")
    elif command == "proof" and len(rest) == 2:
        entry, index, head = open_proof(rest[0], Path(rest[1]).read_bytes())
        print(f"ok: entry {index}, {len(entry)} bytes, is in {head['origin']} under size {head['size']}")
    elif command == "statement" and len(rest) == 2:
        header, statement = check_statement(bytes.fromhex(rest[0]), Path(rest[1]).read_bytes())
        print(f"ok: a statement of kind {statement['kind']} in {header[15][1]}, record {header[15][2]}")
    elif command == "equivocation" and len(rest) == 1:
        name, kind, a, b = equivocation(Path(rest[0]).read_bytes())
        print(f"ok: the key of {name} signed both: kind {kind}, sizes {a} and {b}")
    elif command == "log" and len(rest) == 2:
        origin, size, domain, keys = check_log(Path(rest[0]).read_bytes(), Path(rest[1]))
        print(f"ok: {size} entries of {origin}, each signed by a key in force, under a head of its own key")
        for one in keys.values():
            name = {"log": origin, "witness": f"{domain}/candor/witness", "mirror": f"{domain}/candor/mirror"}.get(one["purpose"])
            if name is not None:
                print(one["purpose"], vkey_of(name, 1 if one["purpose"] == "log" else 4, one["key"]))
            elif one["purpose"] == "statement":
                print("statement", one["key"].hex())
    else:
        print(__doc__)
        return 2
    return 0


def run(arguments):
    try:
        return main(arguments)
    except (NotShown, ValueError, TypeError, LookupError, AttributeError, OSError, cbor2.CBORDecodeError) as error:
        print("NOT SHOWN:", error)
        return 1


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))

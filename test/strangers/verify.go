// Checks what Candor makes with golang.org/x/mod/sumdb/{note,tlog} and nothing of Candor's:
//
//	verify checkpoint VKEY NOTE          a log's signed head
//	verify cosignature VKEY NOTE         a witness's or mirror's line below it
//	verify proof VKEY PROOF              a C2SP .tlog-proof: the entry is in the log
//	verify equivocation FILE             that one key signed two things that exclude each other
//
// It prints what it found and ends with 0, or says why not and ends with 1.
package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Println("NOT SHOWN:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 3 && args[0] == "checkpoint":
		return withNote(args[1], args[2], "the log signed size %d of %s")
	case len(args) == 3 && args[0] == "cosignature":
		return withNote(args[1], args[2], "the cosigner signed size %d of %s")
	case len(args) == 3 && args[0] == "proof":
		file, err := os.ReadFile(args[2])
		if err != nil {
			return err
		}
		p, err := openProof(args[1], file)
		if err != nil {
			return err
		}
		fmt.Printf("ok: entry %d, %d bytes, is in %s under size %d\n", p.index, len(p.entry), p.head.origin, p.head.tree.N)
		return nil
	case len(args) == 2 && args[0] == "equivocation":
		file, err := os.ReadFile(args[1])
		if err != nil {
			return err
		}
		return equivocation(file)
	}
	return errors.New("usage: verify checkpoint|cosignature|proof VKEY FILE, or verify equivocation FILE")
}

func withNote(vkey, path, said string) error {
	file, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	h, err := openHead(vkey, file)
	if err != nil {
		return err
	}
	if h.tree.N == 0 && h.tree.Hash != emptyRoot {
		return errors.New("size 0 with a root that is not that of no entries")
	}
	fmt.Printf("ok: "+said+"\n", h.tree.N, h.origin)
	if h.isCosigned {
		fmt.Printf("    at %d seconds since 1970, by its clock\n", h.time)
	}
	return nil
}

var emptyRoot = tlog.Hash(sha256.Sum256(nil))

type head struct {
	origin string
	tree   tlog.Tree
	// Whether a cosigner signed it, and when.
	isCosigned bool
	time       uint64
	// Signature lines of the note, also those of keys that were not asked for.
	lines int
}

// openHead verifies a note under one key and reads the three lines of a checkpoint.
func openHead(vkey string, file []byte) (*head, error) {
	v, err := verifierOf(vkey)
	if err != nil {
		return nil, err
	}
	n, err := note.Open(file, note.VerifierList(v))
	if err != nil {
		return nil, err
	}
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return nil, errors.New("not the three lines of a checkpoint")
	}
	size, err := countOf(lines[1])
	if err != nil {
		return nil, err
	}
	root, err := hashOf(lines[2])
	if err != nil {
		return nil, err
	}
	lineCount := len(n.Sigs) + len(n.UnverifiedSigs)
	if c, isCosigner := v.(*cosigner); isCosigner {
		return &head{lines[0], tlog.Tree{N: size, Hash: root}, true, c.time, lineCount}, nil
	}
	if v.Name() != lines[0] {
		return nil, errors.New("the key is not the key of this log")
	}
	return &head{lines[0], tlog.Tree{N: size, Hash: root}, false, 0, lineCount}, nil
}

// cosigner verifies C2SP tlog-cosignature v1 lines, which x/mod has no verifier for.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
	time uint64
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }
func (c *cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	c.time = binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", c.time, msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

// verifierOf reads a vkey: type 1 as x/mod does, type 4 here.
func verifierOf(vkey string) (note.Verifier, error) {
	if v, err := note.NewVerifier(vkey); err == nil {
		return v, nil
	}
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("not a verifier key")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != 4 {
		return nil, errors.New("not a verifier key of type 1 or 4")
	}
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	if hex.EncodeToString(id[:4]) != parts[1] {
		return nil, errors.New("the verifier key does not fit its own id")
	}
	return &cosigner{parts[0], binary.BigEndian.Uint32(id[:4]), key[1:], 0}, nil
}

type proof struct {
	entry []byte
	index int64
	head  *head
}

// openProof reads a C2SP .tlog-proof file and checks the inclusion of its entry.
func openProof(vkey string, file []byte) (*proof, error) {
	top, signed, found := bytes.Cut(file, []byte("\n\n"))
	if !found {
		return nil, errors.New("no blank line")
	}
	lines := strings.Split(string(top), "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, errors.New("not a tlog-proof with an extra line")
	}
	extra, isExtra := cutPrefix(lines[1], "extra ")
	at, isIndex := cutPrefix(lines[2], "index ")
	entry, err := base64.StdEncoding.Strict().DecodeString(extra)
	if !isExtra || !isIndex || err != nil {
		return nil, errors.New("no entry or index")
	}
	index, err := countOf(at)
	if err != nil {
		return nil, err
	}
	hashes, err := hashesOf(lines[3:])
	if err != nil {
		return nil, err
	}
	h, err := openHead(vkey, signed)
	if err != nil {
		return nil, err
	}
	err = tlog.CheckRecord(hashes, h.tree.N, h.tree.Hash, index, tlog.RecordHash(entry))
	return &proof{entry, index, h}, err
}

// equivocation checks a proof that the subject signed two things that exclude each other.
func equivocation(file []byte) error {
	lines := strings.Split(string(file), "\n")
	if len(lines) < 6 || lines[0] != "candor/equivocation@v1" || lines[len(lines)-1] != "" {
		return errors.New("not an equivocation proof")
	}
	field := func(line int, word string) string {
		value, found := cutPrefix(lines[line], word+" ")
		if !found {
			return ""
		}
		return value
	}
	kind, subject := field(1, "kind"), field(2, "subject")
	a, errA := base64.StdEncoding.Strict().DecodeString(field(3, "a"))
	b, errB := base64.StdEncoding.Strict().DecodeString(field(4, "b"))
	if errA != nil || errB != nil {
		return errors.New("a side is not base64")
	}
	var left, right *head
	var err error
	if kind == "leaf" {
		left, right, err = leaves(subject, a, b)
	} else {
		if left, err = openHead(subject, a); err == nil {
			right, err = openHead(subject, b)
		}
	}
	if err != nil {
		return err
	}
	if left.origin != right.origin {
		return errors.New("two different logs")
	}
	if left.lines != 1 || right.lines != 1 {
		return errors.New("a line of somebody else")
	}
	if !inOrder(left.tree, right.tree) {
		return errors.New("not in order, or the same head twice")
	}
	if err := contradict(kind, left, right, lines[5:len(lines)-1]); err != nil {
		return err
	}
	fmt.Printf("ok: the key of %s signed both: kind %s, sizes %d and %d\n", strings.SplitN(subject, "+", 2)[0], kind, left.tree.N, right.tree.N)
	return nil
}

// contradict says whether two heads of one log exclude each other.
func contradict(kind string, a, b *head, rest []string) error {
	if a.isCosigned != (kind == "cosigner") {
		return errors.New("the key is not of this kind")
	}
	if kind == "leaf" && len(rest) == 0 {
		return nil
	}
	if (kind == "tree" || kind == "cosigner") && len(rest) > 0 {
		return prefix(a, b, rest)
	}
	if (kind == "size" || kind == "cosigner") && len(rest) == 0 && a.tree.N == b.tree.N {
		return nil
	}
	if kind == "cosigner" && a.tree.N < b.tree.N && a.time > b.time {
		return nil
	}
	return errors.New("the two do not exclude each other")
}

// inOrder: by size, at one size by root. One contradiction is one file.
func inOrder(a, b tlog.Tree) bool {
	if a.N == b.N {
		return bytes.Compare(a.Hash[:], b.Hash[:]) < 0
	}
	return a.N < b.N
}

// prefix checks that b continues a tree which at a's size has another root than a: what Go's sumdb client prints.
func prefix(a, b *head, rest []string) error {
	value, found := cutPrefix(rest[0], "prefix-root ")
	root, err := hashOf(value)
	if !found || err != nil || a.tree.N >= b.tree.N {
		return errors.New("no prefix root")
	}
	var hashes []string
	for _, line := range rest[1:] {
		hashes = append(hashes, strings.TrimPrefix(line, "proof "))
	}
	tree, err := hashesOf(hashes)
	if err != nil {
		return err
	}
	if a.tree.N == 0 {
		if root != emptyRoot || len(hashes) > 0 {
			return errors.New("not the root of no entries")
		}
	} else if err := tlog.CheckTree(tlog.TreeProof(tree), b.tree.N, b.tree.Hash, a.tree.N, root); err != nil {
		return err
	}
	if root == a.tree.Hash {
		return errors.New("b continues a")
	}
	return nil
}

func leaves(subject string, a, b []byte) (*head, *head, error) {
	left, err := openProof(subject, a)
	if err != nil {
		return nil, nil, err
	}
	right, err := openProof(subject, b)
	if err != nil {
		return nil, nil, err
	}
	if left.index != right.index || bytes.Equal(left.entry, right.entry) {
		return nil, nil, errors.New("not two entries at one index")
	}
	return left.head, right.head, nil
}

func hashesOf(lines []string) (tlog.RecordProof, error) {
	proof := tlog.RecordProof{}
	for _, line := range lines {
		h, err := hashOf(line)
		if err != nil {
			return nil, err
		}
		proof = append(proof, h)
	}
	return proof, nil
}

// countOf reads a size or an index: at most 2^53 - 1, in one form.
func countOf(text string) (int64, error) {
	count, err := strconv.ParseInt(text, 10, 64)
	if err != nil || count < 0 || count >= 1<<53 || strconv.FormatInt(count, 10) != text {
		return 0, errors.New("not a count")
	}
	return count, nil
}

func cutPrefix(line, prefix string) (string, bool) {
	return strings.TrimPrefix(line, prefix), strings.HasPrefix(line, prefix)
}

func hashOf(text string) (tlog.Hash, error) {
	raw, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) != tlog.HashSize {
		return tlog.Hash{}, errors.New("not a hash")
	}
	return *(*tlog.Hash)(raw), nil
}

// Loads an object of nft2bpf with github.com/cilium/ebpf and attaches it where its manifest says.
//
//	go run . OBJECT
//
// The library creates maps with the contents that their specifications have: they, and the places of attachment, stand in the
// manifest, a JSON document in the section .nft2bpf of the object. A line (or the end) of the standard input ends the program:
// it prints the counters and detaches. XDP by a link; tc by the command tc, since versions of the library before 0.12 have no
// links for it. Needs root, and for tc a BPF file system.
//
// Versions of before August 2024 know one writable data section, .data, and refuse objects that have .data.NAME ("reference to ... not
// supported"): those of rulesets that limit, have quotas, count with numgen or ask for the time. Load their manifest instead, or take a newer version.
package main

import (
	"bufio"
	"debug/elf"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
)

// Manifest has what this program needs of docs/manifest.schema.json; Go decodes base64 into []byte by itself.
type Manifest struct {
	Format   string
	Version  int
	Programs []Program
	Maps     []Map
}

// Program is where it goes; its code is in the object.
type Program struct {
	Name     string
	Attach   []struct{ Target, Device, Direction string }
	Requires []string
}

// Map is what is in it: Count keys of KeySize bytes, and as many values.
type Map struct {
	Name                      string
	KeySize, ValueSize, Count int
	Keys, Values              []byte
	Role                      struct{ Slots []Slot }
}

// Slot is what an entry of a map of counters counts, and what it starts with.
type Slot struct {
	Object         string
	Rule           int
	Packets, Bytes uint64 `json:",string"`
}

func readManifest(path string) (manifest Manifest, err error) {
	file, err := elf.Open(path)
	if err != nil {
		return
	}
	defer file.Close()
	section := file.Section(".nft2bpf")
	if section == nil {
		return manifest, errors.New("no section .nft2bpf")
	}
	text, err := section.Data()
	if err != nil {
		return
	}
	if err = json.Unmarshal(text, &manifest); err == nil && manifest.Version != 1 {
		err = fmt.Errorf("manifest of version %d", manifest.Version)
	}
	return
}

// fill puts contents into the specifications of maps. Data sections (.rodata.NAME) have theirs already.
func fill(spec *ebpf.CollectionSpec, maps []Map) {
	for _, one := range maps {
		target := spec.Maps[one.Name]
		if target == nil {
			continue
		}
		for i := 0; i < one.Count; i++ {
			key := one.Keys[i*one.KeySize : (i+1)*one.KeySize]
			value := one.Values[i*one.ValueSize : (i+1)*one.ValueSize]
			target.Contents = append(target.Contents, ebpf.MapKV{Key: key, Value: value})
		}
	}
}

// attach returns what undoes it.
func attach(program *ebpf.Program, name, target, device, direction string) (func() error, error) {
	index, err := net.InterfaceByName(device)
	if err != nil {
		return nil, err
	}
	switch target {
	case "xdp":
		attached, err := link.AttachXDP(link.XDPOptions{Program: program, Interface: index.Index})
		if err != nil {
			return nil, err
		}
		return attached.Close, nil
	case "tc":
		return attachFilter(program, name, device, direction)
	}
	return nil, fmt.Errorf("this example does not attach to %s", target)
}

func tc(arguments ...string) error {
	if output, err := exec.Command("tc", arguments...).CombinedOutput(); err != nil {
		return fmt.Errorf("tc %s: %s", strings.Join(arguments, " "), output)
	}
	return nil
}

func attachFilter(program *ebpf.Program, name, device, direction string) (func() error, error) {
	pin := filepath.Join("/sys/fs/bpf", name)
	if err := program.Pin(pin); err != nil {
		return nil, err
	}
	defer os.Remove(pin)
	_ = tc("qdisc", "add", "dev", device, "clsact") // it may be there
	where := []string{"dev", device, direction, "pref", "1", "handle", "1", "bpf"}
	add := append(append([]string{"filter", "add"}, where...), "direct-action", "object-pinned", pin)
	remove := append([]string{"filter", "delete"}, where...)
	return func() error { return tc(remove...) }, tc(add...)
}

// printCounters adds up all CPUs, on top of what the ruleset says the counters start with.
func printCounters(counters *ebpf.Map, slots []Slot) error {
	for i, slot := range slots {
		var values []struct{ Packets, Bytes uint64 }
		if err := counters.Lookup(uint32(i), &values); err != nil {
			return err
		}
		for _, value := range values {
			slot.Packets += value.Packets
			slot.Bytes += value.Bytes
		}
		name := slot.Object
		if name == "" {
			name = fmt.Sprintf("rule %d", slot.Rule)
		}
		fmt.Printf("%s: packets %d bytes %d\n", name, slot.Packets, slot.Bytes)
	}
	return nil
}

func run(path string) error {
	manifest, err := readManifest(path)
	if err != nil {
		return err
	}
	for _, program := range manifest.Programs {
		for _, name := range program.Requires {
			if name != "ethernet" { // docs/loading.md
				return fmt.Errorf("%s requires %s, which this example does not do", program.Name, name)
			}
		}
	}
	spec, err := ebpf.LoadCollectionSpec(path)
	if err != nil {
		return err
	}
	fill(spec, manifest.Maps)
	options := ebpf.CollectionOptions{Maps: ebpf.MapOptions{PinPath: "/sys/fs/bpf"}} // for maps that objects share
	collection, err := ebpf.NewCollectionWithOptions(spec, options)
	if err != nil {
		return err
	}
	defer collection.Close()
	for _, program := range manifest.Programs {
		for _, place := range program.Attach {
			detach, err := attach(collection.Programs[program.Name], program.Name, place.Target, place.Device, place.Direction)
			if err != nil {
				return err
			}
			defer detach()
		}
		fmt.Printf("attached %s\n", program.Name)
	}
	bufio.NewReader(os.Stdin).ReadString('\n')
	for _, one := range manifest.Maps {
		if counters := collection.Maps[one.Name]; counters != nil {
			if err := printCounters(counters, one.Role.Slots); err != nil {
				return err
			}
		}
	}
	return nil
}

func main() {
	log.SetFlags(0)
	if len(os.Args) != 2 {
		log.Fatal("usage: load-with-cilium OBJECT")
	}
	if err := run(os.Args[1]); err != nil {
		var refused *ebpf.VerifierError
		if errors.As(err, &refused) {
			log.Fatalf("%+v", refused)
		}
		log.Fatal(err)
	}
}

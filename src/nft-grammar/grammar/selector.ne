# Selectors: what reads something from the packet or its surroundings.

@lexer lexer

selector       -> value_selector {% pass %}
               |  exthdr {% pass %}
               |  ipsec {% pass %}
value_selector -> payload {% pass %} | meta {% pass %} | ct {% pass %} | fib {% pass %} | rt {% pass %}
               |  socket {% pass %} | osf {% pass %} | numgen {% pass %} | hash {% pass %} | tunnel {% pass %}

payload        -> raw_payload {% pass %} | link_field {% pass %} | inet_field {% pass %} | tunnel_field {% pass %}
raw_payload    -> "@" %payloadBase "," number "," number                {% as("rawPayload") %}
link_field     -> "ether" %etherField                                   {% as("payload") %}
               |  "vlan" %vlanField                                     {% as("payload") %}
               |  "arp" %arpField                                       {% as("payload") %}
               |  "arp" %addressField %arpAddress                       {% as("payload") %}
inet_field     -> "ip" %ipField                                         {% as("payload") %}
               |  "ip6" %ip6Field                                       {% as("payload") %}
               |  "icmp" %icmpField                                     {% as("payload") %}
               |  "icmpv6" %icmpv6Field                                 {% as("payload") %}
               |  "igmp" %igmpField                                     {% as("payload") %}
               |  "ah" %ahField                                         {% as("payload") %}
               |  "esp" %espField                                       {% as("payload") %}
               |  "comp" %compField                                     {% as("payload") %}
               |  "udp" %udpField                                       {% as("payload") %}
               |  "udplite" %udpliteField                               {% as("payload") %}
               |  "tcp" %tcpField                                       {% as("payload") %}
               |  "dccp" %dccpField                                     {% as("payload") %}
               |  "sctp" %sctpField                                     {% as("payload") %}
               |  "th" %portField                                       {% as("payload") %}
               |  "ip" "option" %ipOption %ipOptionField:?              {% as("ipOption") %}
               |  tcp_option {% pass %}
               |  "sctp" "chunk" chunk                                  {% as("sctpChunk") %}
               |  "dccp" "option" number                                {% as("dccpOption") %}
tunnel_field   -> "vxlan" %vxlanField                                   {% as("payload") %}
               |  "geneve" %geneveField                                 {% as("payload") %}
               |  "gre" %greField                                       {% as("payload") %}
               |  "vxlan" inner_field                                   {% as("inner") %}
               |  "geneve" inner_field                                  {% as("inner") %}
               |  "gretap" inner_field                                  {% as("inner") %}
               |  "gre" inet_field                                      {% as("inner") %}
inner_field    -> link_field {% pass %} | inet_field {% pass %}

tcp_option     -> "tcp" "option" option_kind                            {% as("tcpOption") %}
               |  "tcp" "option" option_kind "length"                   {% as("tcpOption") %}
               |  "tcp" "option" option_with_field                      {% as("tcpOptionField") %}
               |  "tcp" "option" "@" option_kind "," number "," number  {% as("rawTcpOption") %}
option_kind    -> %tcpOption                                            {% as("optionName") %}
               |  number {% pass %}
option_with_field -> "maxseg" "size"                                    {% as("pair") %}
               |  "window" "count"                                      {% as("pair") %}
               |  "mptcp" "subtype"                                     {% as("pair") %}
               |  "timestamp" %timestampField                           {% as("pair") %}
               |  %sackOption %sackField                                {% as("pair") %}

chunk          -> %chunkType %chunkCommonField:?                        {% as("pair") %}
               |  "data" %chunkDataField                                {% as("pair") %}
               |  %chunkInit %chunkInitField                            {% as("pair") %}
               |  "sack" %chunkSackField                                {% as("pair") %}
               |  "shutdown" "cum-tsn-ack"                              {% as("pair") %}
               |  %chunkEcn "lowest-tsn"                                {% as("pair") %}
               |  %chunkAsconf "seqno"                                  {% as("pair") %}
               |  "forward-tsn" "new-cum-tsn"                           {% as("pair") %}

exthdr         -> "hbh" %optionsField                                   {% as("exthdr") %}
               |  "dst" %optionsField                                   {% as("exthdr") %}
               |  "rt" %rtField                                         {% as("exthdr") %}
               |  "rt0" "addr" "[" number "]"                           {% as("exthdr") %}
               |  "rt2" "addr"                                          {% as("exthdr") %}
               |  "srh" %srhField                                       {% as("exthdr") %}
               |  "srh" "sid" "[" number "]"                            {% as("exthdr") %}
               |  "frag" %fragField                                     {% as("exthdr") %}
               |  "mh" %mhField                                         {% as("exthdr") %}
               |  "exthdr" %extensionHeader                             {% as("exthdrExists") %}

meta           -> "meta" %metaKey                                       {% as("meta") %}
               |  %unqualifiedMetaKey                                   {% as("meta") %}
ct             -> "ct" %ctKey                                           {% as("ct") %}
               |  "ct" %direction %ctDirectedKey                        {% as("ct") %}
               |  "ct" %direction %ipVersion %addressField              {% as("ct") %}
fib            -> "fib" fib_flags %fibResult                            {% as("fib") %}
fib_flags      -> %fibFlag                                              {% first %}
               |  fib_flags "." %fibFlag                                {% more %}
rt             -> "rt" %ipVersion:? %routeKey                           {% as("rt") %}
socket         -> "socket" %socketKey                                   {% as("socket") %}
               |  "socket" "cgroupv2" "level" number                    {% as("socket") %}
osf            -> "osf" osf_ttl:? %osfKey                               {% as("osf") %}
osf_ttl        -> "ttl" %osfTtl                                         {% as("option") %}
numgen         -> "numgen" %numgenMode "mod" number offset:?            {% as("numgen") %}
hash           -> "jhash" left "mod" number seed:? offset:?             {% as("jhash") %}
               |  "symhash" "mod" number offset:?                       {% as("symhash") %}
seed           -> "seed" number                                         {% as("argument") %}
offset         -> "offset" number                                       {% as("argument") %}
ipsec          -> "ipsec" %ipsecDirection spnum:? %ipsecKey             {% as("ipsec") %}
               |  "ipsec" %ipsecDirection spnum:? %ipVersion %addressField {% as("ipsec") %}
spnum          -> "spnum" number                                        {% as("argument") %}
tunnel         -> "tunnel" %tunnelKey                                   {% as("tunnel") %}

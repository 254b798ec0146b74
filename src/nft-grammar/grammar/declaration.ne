# Lines inside of blocks. A line ends at a newline or semicolon; few of nft's properties can do without.

@lexer lexer

table_line  -> "flags" table_flags %separatorEnd                        {% as("tableFlags") %}
            |  comment %separatorEnd                                    {% pass %}
            |  block_kind name %openEnd                                 {% as("blockHeader") %}
table_flags -> table_flag                                               {% first %}
            |  table_flags "," table_flag                               {% more %}
table_flag  -> %word                                                    {% as("name") %}
block_kind  -> %blockKind                                               {% as("blockKind") %}
            |  "ct" %ctBlock                                            {% as("blockKind") %}

chain_line  -> rule %separatorEnd                                       {% pass %}
            |  "type" %chainType "hook" hook_name chain_device:? priority %separatorEnd {% as("baseChain") %}
            |  "policy" %chainPolicy %separatorEnd                      {% as("policy") %}
            |  "policy" variable %separatorEnd                          {% as("policy") %}
            |  "flags" "offload" %separatorEnd                          {% as("offload") %}
            |  comment %separatorEnd                                    {% pass %}
            |  devices %separatorEnd                                    {% pass %}
rule_line   -> rule %separatorEnd                                       {% pass %}
hook_name   -> %word                                                    {% as("name") %}
chain_device -> "device" device                                         {% as("oneDevice") %}
            |  devices {% pass %}
devices     -> "devices" "=" "{" device_list "}"           {% as("devices") %}
            |  "devices" "=" variable                                   {% as("devicesVariable") %}
device_list -> device                                                   {% first %}
            |  device_list "," device                                   {% more %}
            |  device_list ","                                          {% pass %}
            |  device_list "," "\n"                                     {% pass %}
device      -> %string                                                  {% as("symbol") %}
            |  variable {% pass %}
priority    -> "priority" number                                        {% as("priority") %}
            |  "priority" "-" number                                    {% as("priority") %}
            |  "priority" variable                                      {% as("priority") %}
            |  "priority" priority_name                                 {% as("priority") %}
            |  "priority" priority_name %sign number                    {% as("priority") %}
priority_name -> %word                                                  {% as("name") %}

set_line    -> set_free:? set_property %separatorEnd                    {% as("properties") %}
            |  set_free %anyEnd                                         {% as("properties") %}
map_line    -> set_free:? map_property %separatorEnd                    {% as("properties") %}
            |  set_free %anyEnd                                         {% as("properties") %}
set_free    -> free_property                                            {% first %}
            |  set_free free_property                                   {% more %}
free_property -> "elements" "=" set                                     {% as("elements") %}
            |  "elements" "=" variable                                  {% as("elements") %}
            |  "auto-merge"                                             {% as("autoMerge") %}
set_property -> key {% pass %} | property {% pass %}
map_property -> map_key {% pass %} | property {% pass %}
property    -> "flags" set_flags                                        {% as("setFlags") %}
            |  "timeout" time                                           {% as("timeout") %}
            |  "gc-interval" time                                       {% as("gcInterval") %}
            |  "policy" %setPolicy                                      {% as("setPolicy") %}
            |  "size" number                                            {% as("size") %}
            |  stateful_list                                            {% as("statements") %}
            |  comment {% pass %}
set_flags   -> %setFlag                                                 {% first %}
            |  set_flags "," %setFlag                                   {% more %}
key         -> "type" type_list                                         {% as("typeKey") %}
            |  "typeof" typeof                                          {% as("typeofKey") %}
type_list   -> type_name                                                {% first %}
            |  type_list "." type_name                                  {% more %}
type_name   -> %typeName                                                {% as("name") %}
typeof      -> typeof_parts                                             {% as("concat") %}
typeof_parts -> selector                                                {% first %}
            |  typeof_parts "." selector                                {% more %}
map_key     -> "type" type_list ":" "interval":? type_list              {% as("typeMap") %}
            |  "type" type_list ":" %objectData                         {% as("typeObjectMap") %}
            |  "typeof" typeof ":" "interval":? typeof                  {% as("typeofMap") %}
            |  "typeof" typeof ":" "verdict"                            {% as("typeofVerdictMap") %}
            |  "typeof" typeof ":" "queue"                              {% as("typeofQueueMap") %}
            |  "typeof" typeof ":" %objectData                          {% as("typeofObjectMap") %}
            |  "typeof" typeof ":" "ct" %ctMapObject                    {% as("typeofObjectMap") %}

# Blocks of objects are read whole, separators and all.
sep         -> "\n" {% pass %} | ";" {% pass %}
seps        -> null                                                     {% nothing %}
            |  seps sep                                                 {% nothing %}

flowtable_block -> flowtable_items %anyEnd                              {% as("properties") %}
flowtable_items -> seps                                                 {% as("none") %}
            |  flowtable_items flowtable_item sep seps                  {% more %}
            |  flowtable_items flow_counter seps                        {% more %}
flow_counter -> "counter"                                               {% as("flowCounter") %}
flowtable_item -> "hook" hook_name priority                             {% as("flowHook") %}
            |  devices {% pass %}
            |  "flags" "offload"                                        {% as("offload") %}

counter_block -> counter_items %anyEnd                                  {% as("properties") %}
counter_items -> seps                                                   {% as("none") %}
            |  counter_items counter_item seps                          {% more %}
counter_item -> counter_config {% pass %} | comment {% pass %}
counter_config -> "packets" number "bytes" number                       {% as("counterConfig") %}

quota_block -> quota_items %anyEnd                                      {% as("properties") %}
quota_items -> seps                                                     {% as("none") %}
            |  quota_items quota_item seps                              {% more %}
quota_item  -> quota_arguments {% pass %} | comment {% pass %}

limit_block -> limit_items %anyEnd                                      {% as("properties") %}
limit_items -> seps                                                     {% as("none") %}
            |  limit_items limit_item seps                              {% more %}
limit_item  -> limit_config {% pass %} | comment {% pass %}
limit_config -> "rate" limit_arguments                                  {% as("argument") %}

secmark_block -> secmark_items %anyEnd                                  {% as("properties") %}
secmark_items -> seps                                                   {% as("none") %}
            |  secmark_items secmark_item seps                          {% more %}
secmark_item -> text                                                    {% as("secmark") %}
            |  comment {% pass %}

synproxy_block -> synproxy_items %anyEnd                                {% as("properties") %}
synproxy_items -> seps                                                  {% as("none") %}
            |  synproxy_items synproxy_item seps                        {% more %}
synproxy_item -> synproxy_config {% pass %} | comment {% pass %}
synproxy_config -> "maxseg" number "wscale" number "timestamp":? "sack-perm":? {% as("synproxyConfig") %}
            |  "maxseg" number sep "wscale" number sep "timestamp":? "sack-perm":? {% as("synproxyConfig") %}

helper_block -> helper_items %anyEnd                                    {% as("properties") %}
helper_items -> seps                                                    {% as("none") %}
            |  helper_items helper_item sep seps                        {% more %}
            |  helper_items comment seps                                {% more %}
helper_item -> "type" helper_name "protocol" %l4protocol                {% as("helperType") %}
            |  l3protocol {% pass %}
helper_name -> %quoted                                                  {% as("text") %}
l3protocol  -> "l3proto" %family                                        {% as("l3protocol") %}

timeout_block -> timeout_items %anyEnd                                  {% as("properties") %}
timeout_items -> seps                                                   {% as("none") %}
            |  timeout_items timeout_item sep seps                      {% more %}
            |  timeout_items comment seps                               {% more %}
timeout_item -> "protocol" %l4protocol                                  {% as("l4protocol") %}
            |  "policy" "=" "{" timeout_states "}"                      {% as("timeoutPolicy") %}
            |  l3protocol {% pass %}
timeout_states -> timeout_state                                         {% first %}
            |  timeout_states "," timeout_state                         {% more %}
timeout_state -> state_name ":" timeout_value                           {% as("timeoutState") %}
timeout_value -> number {% pass %} | time {% pass %}
state_name  -> %word                                                    {% as("name") %}

expectation_block -> expectation_items %anyEnd                          {% as("properties") %}
expectation_items -> seps                                               {% as("none") %}
            |  expectation_items expectation_item sep seps              {% more %}
            |  expectation_items comment seps                           {% more %}
expectation_item -> "protocol" %l4protocol                              {% as("l4protocol") %}
            |  "dport" number                                           {% as("option") %}
            |  "timeout" time                                           {% as("timeout") %}
            |  "size" number                                            {% as("size") %}
            |  l3protocol {% pass %}

tunnel_block -> tunnel_items %anyEnd                                    {% as("properties") %}
tunnel_items -> seps                                                    {% as("none") %}
            |  tunnel_items tunnel_item sep seps                        {% more %}
            |  tunnel_items comment seps                                {% more %}
tunnel_item -> %tunnelNumber number                                     {% as("option") %}
            |  %ipVersion %addressField symbol                          {% as("tunnelAddress") %}
            |  %ipVersion %addressField variable                        {% as("tunnelAddress") %}
            |  "erspan" "{" erspan_items "}"                            {% as("tunnelOptions") %}
            |  "vxlan" "{" vxlan_items "}"                              {% as("tunnelOptions") %}
            |  "geneve" "{" geneve_items "}"                            {% as("tunnelOptions") %}
erspan_items -> seps                                                    {% as("none") %}
            |  erspan_items erspan_item sep seps                        {% more %}
erspan_item -> %erspanNumber number                                     {% as("option") %}
            |  "direction" %erspanDirection                             {% as("option") %}
vxlan_items -> seps                                                     {% as("none") %}
            |  vxlan_items vxlan_item sep seps                          {% more %}
vxlan_item  -> "gbp" number                                             {% as("option") %}
geneve_items -> seps                                                    {% as("none") %}
            |  geneve_items geneve_item sep seps                        {% more %}
geneve_item -> "class" number "opt-type" number "data" text             {% as("geneveOption") %}

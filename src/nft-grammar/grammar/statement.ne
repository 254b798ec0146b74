# Statements and rules.

@lexer lexer

rule        -> statements comment:?                                     {% as("rule") %}
statements  -> statement                                                {% first %}
            |  statements statement                                     {% more %}

statement   -> match {% pass %} | verdict_statement {% pass %} | assign {% pass %} | stateful {% pass %}
            |  object {% pass %} | log {% pass %} | reject {% pass %} | nat {% pass %} | tproxy {% pass %}
            |  queue {% pass %} | copy {% pass %} | synproxy {% pass %} | set_update {% pass %} | meter {% pass %}
            |  other {% pass %}

match       -> left %comparison:? right                                 {% as("match") %}
            |  left %comparison:? right_list                            {% as("match") %}
            |  left %comparison:? right_basic "/" right_list            {% as("match") %}
            |  left %comparison:? right_list "/" right_list             {% as("match") %}

verdict_statement -> verdict                                            {% as("verdictStatement") %}
            |  left_concat "vmap" vmap_target                           {% as("vmap") %}
            |  "jump" %block                                            {% as("anonymousChain") %}
            |  "goto" %block                                            {% as("anonymousChain") %}
vmap_target -> verdict_set {% pass %} | set_ref {% pass %} | variable {% pass %}

assign      -> "meta" %metaKey "set" value                              {% as("assignMeta") %}
            |  %unqualifiedMetaKey "set" value                          {% as("assignMeta") %}
            |  "ct" %ctKey "set" value                                  {% as("assignCt") %}
            |  "ct" %direction %ctTotalKey "set" value                  {% as("assignCt") %}
            |  payload "set" value                                      {% as("assign") %}

stateful    -> counter {% pass %} | limit {% pass %} | quota {% pass %} | connlimit {% pass %} | last {% pass %}
stateful_list -> stateful                                               {% first %}
            |  stateful_list stateful                                   {% more %}
counter     -> "counter" counter_arguments:?                            {% as("counter") %}
counter_arguments -> counter_argument                                   {% first %}
            |  counter_arguments counter_argument                       {% more %}
counter_argument -> %counterPart number                                 {% as("argument") %}
limit       -> "limit" "rate" limit_arguments                           {% as("limit") %}
limit_arguments -> %limitMode:? number "/" %limitUnit packet_burst:?    {% as("packetLimit") %}
            |  %limitMode:? number %byteUnit "/" %limitUnit byte_burst:? {% as("byteLimit") %}
packet_burst -> "burst" number "packets"                                {% as("argument") %}
byte_burst  -> "burst" byte_amount                                      {% as("argument") %}
byte_amount -> number %byteUnit                                         {% as("byteAmount") %}
quota       -> "quota" quota_arguments                                  {% as("quota") %}
quota_arguments -> %limitMode:? byte_amount quota_used:?                {% as("quotaArguments") %}
quota_used  -> "used" byte_amount                                       {% as("argument") %}
connlimit   -> "ct" "count" "over":? number                             {% as("connlimit") %}
last        -> "last" last_used:?                                       {% as("last") %}
last_used   -> "used" never_time                                        {% as("argument") %}
            |  "used" time                                              {% as("argument") %}

object      -> %namedObject "name" value                                {% as("objectReference") %}
            |  "ct" %ctObject "set" value                               {% as("objectReference") %}

log         -> "log" log_arguments:?                                    {% as("log") %}
log_arguments -> log_argument                                           {% first %}
            |  log_arguments log_argument                               {% more %}
log_argument -> "prefix" text                                           {% as("logPrefix") %}
            |  %logNumber number                                        {% as("argument") %}
            |  "level" %logLevel                                        {% as("option") %}
            |  "flags" log_flags                                        {% as("logFlags") %}
log_flags   -> "tcp" log_tcp_flags                                      {% as("logTcpFlags") %}
            |  "ip" "options"                                           {% as("pair") %}
            |  %logFlag                                                 {% as("pair") %}
log_tcp_flags -> %logTcpFlag                                            {% first %}
            |  log_tcp_flags "," %logTcpFlag                            {% more %}

reject      -> "reject"                                                 {% as("reject") %}
            |  "reject" "with" %rejectProtocol "type":? reject_code     {% as("reject") %}
            |  "reject" "with" "tcp" "reset"                            {% as("reject") %}
reject_code -> %word                                                    {% as("symbol") %}
            |  number {% pass %}

nat         -> %natAction nat_target nat_flags:?                        {% as("nat") %}
            |  "masquerade" masquerade_target:? nat_flag_group:?           {% as("nat") %}
            |  "redirect" redirect_target:? nat_flag_group:?               {% as("nat") %}
nat_target  -> nat_pair {% pass %}
            |  "to" nat_pair                                            {% as("natTarget") %}
            |  %ipVersion "to" nat_address                              {% as("natTarget") %}
            |  %ipVersion:? %natForm "to" value                         {% as("natTarget") %}
            |  %ipVersion "addr" "." "port" "to" value                  {% as("natTarget") %}
nat_pair    -> nat_address {% pass %}
            |  ":" value                                                {% as("natPair") %}
nat_address -> value                                                    {% as("natPair") %}
            |  value ":" value                                          {% as("natPair") %}
masquerade_target -> "to" ":" value                                     {% as("natPort") %}
redirect_target -> "to" ":":? value                                     {% as("natPort") %}
nat_flags   -> nat_flag_group {% pass %}
            |  nat_flags nat_flag_list                                  {% as("lastFlags") %}
nat_flag_group -> nat_flag_list                                         {% as("flags") %}
nat_flag_list -> %natFlag                                               {% first %}
            |  nat_flag_list "," %natFlag                               {% more %}

tproxy      -> "tproxy" %ipVersion:? "to" nat_pair                      {% as("tproxy") %}

queue       -> "queue" queue_arguments:?                                {% as("queue") %}
            |  "queue" queue_flag_word:? "to" queue_value               {% as("queueTo") %}
            |  "queue" queue_flag_word "num" queue_number               {% as("queueTo") %}
queue_flag_word -> "flags" queue_flags                                  {% as("argument") %}
queue_arguments -> queue_argument                                       {% first %}
            |  queue_arguments queue_argument                           {% more %}
queue_argument -> "num" queue_number                                    {% as("argument") %}
            |  queue_flags {% pass %}
queue_flags -> queue_flag_list                                          {% as("flags") %}
queue_flag_list -> %queueFlag                                           {% first %}
            |  queue_flag_list "," %queueFlag                           {% more %}
queue_number -> queue_end {% pass %}
            |  queue_end "-" queue_end                                  {% as("range") %}
queue_end   -> variable {% pass %} | number {% pass %}
queue_value -> queue_number {% pass %} | numgen {% pass %} | hash {% pass %}
            |  left_concat "map" map_target                             {% as("map") %}

copy        -> "dup" "to" value dup_device:?                            {% as("dup") %}
            |  "fwd" "to" value                                         {% as("fwd") %}
            |  "fwd" %ipVersion "to" value "device" value               {% as("fwdVia") %}
dup_device  -> "device" value                                           {% as("argument") %}

synproxy    -> "synproxy" synproxy_arguments:?                          {% as("synproxy") %}
synproxy_arguments -> synproxy_argument                                 {% first %}
            |  synproxy_arguments synproxy_argument                     {% more %}
synproxy_argument -> %synproxyNumber number                             {% as("argument") %}
            |  %synproxyFlag                                            {% as("option") %}

set_update  -> "set" %setOperation update_key set_target                {% as("setUpdateOld") %}
            |  %setOperation set_target "{" update_key stateful_list:? update_data:? "}" {% as("setUpdate") %}
set_target  -> set_ref {% pass %} | variable {% pass %}
update_key  -> key_concat update_options:?                              {% as("updateKey") %}
update_options -> update_option                                         {% first %}
            |  update_options update_option                             {% more %}
update_option -> "timeout" time                                         {% as("timeout") %}
            |  "expires" time                                           {% as("expires") %}
            |  comment {% pass %}
update_data -> ":" update_key                                           {% as("argument") %}

meter       -> "meter" name meter_size:? "{" update_key statement "}"   {% as("meter") %}
meter_size  -> "size" number                                            {% as("argument") %}

other       -> "notrack"                                                {% as("notrack") %}
            |  "flow" %flowVerb "@" text                                {% as("flow") %}
            |  "reset" "tcp" "option" option_kind                       {% as("optionStrip") %}
            |  "xt" %word text                                          {% as("xt") %}

# Commands, and the lines that may stand at the top of a file and in any block.

@lexer lexer

definition  -> "define" name "=" initializer %separatorEnd              {% as("define") %}
            |  "redefine" name "=" initializer %separatorEnd            {% as("define") %}
            |  "undefine" name %separatorEnd                            {% as("undefine") %}
            |  "include" %quoted %separatorEnd                          {% as("include") %}
initializer -> right {% pass %} | right_list {% pass %}
            |  %emptySet                                                {% as("set") %}
            |  "-" number                                               {% as("negative") %}

command     -> "add":? create_command                                   {% as("verbAdd") %}
            |  "add":? "rule":? rule_position rule %doneEnd             {% as("addRule") %}
            |  "create" create_command                                  {% as("verb") %}
            |  "insert" "rule" rule_position rule %doneEnd              {% as("insertRule") %}
            |  "replace" "rule" chain rule_handle rule %doneEnd         {% as("replaceRule") %}
            |  "delete" delete_command                                  {% as("verb") %}
            |  "delete" delete_block                                    {% as("verb") %}
            |  "destroy" delete_command                                 {% as("verb") %}
            |  "destroy" destroy_block                                  {% as("verb") %}
            |  "flush" flush_command %doneEnd                           {% as("plain") %}
            |  "rename" "chain" chain name %doneEnd                     {% as("rename") %}
            |  "reset" reset_command %doneEnd                           {% as("plain") %}
            |  "get" "element" object_ref elements %doneEnd             {% as("getElement") %}
            |  "list" list_command %doneEnd                             {% as("inspect") %}
            |  "describe" right_primary %doneEnd                        {% as("inspect") %}
            |  "describe" left_primary %doneEnd                         {% as("inspect") %}
            |  "monitor" monitor_command %doneEnd                       {% as("inspect") %}
            |  "export" "ruleset":? markup %doneEnd                     {% as("inspect") %}
            |  "import" "ruleset":? markup %doneEnd                     {% as("inspect") %}

table       -> %family:? name                                           {% as("tableReference") %}
object_ref  -> table name                                               {% as("objectPath") %}
chain       -> table name                                               {% as("objectPath") %}
handle      -> "handle" number                                          {% as("argument") %}
elements    -> set {% pass %} | variable {% pass %}

rule_position -> chain                                                  {% as("rulePosition") %}
            |  chain "position" number                                  {% as("rulePosition") %}
            |  chain "handle" number                                    {% as("rulePosition") %}
            |  chain "index" number                                     {% as("rulePosition") %}
rule_handle -> "handle" number                                          {% as("argument") %}

create_command -> "table" table %doneEnd                                {% as("declareTable") %}
            |  "table" table %openEnd                                   {% as("declareTable") %}
            |  "chain" object_ref %doneEnd                              {% as("declare") %}
            |  "chain" object_ref %openEnd                              {% as("declare") %}
            |  %setKind object_ref %openEnd                             {% as("declare") %}
            |  "element" object_ref elements %doneEnd                   {% as("elementCommand") %}
            |  "flowtable" object_ref %openEnd                          {% as("declare") %}
            |  "ct" %ctBlock object_ref %openEnd                        {% as("declareCt") %}
            |  %configKind object_ref %openEnd                          {% as("declare") %}
            |  "tunnel" object_ref %openEnd                             {% as("declare") %}
            |  "counter" object_ref counter_config:? %doneEnd           {% as("declareObject") %}
            |  "quota" object_ref quota_arguments %doneEnd              {% as("declareObject") %}
            |  "limit" object_ref limit_config %doneEnd                 {% as("declareObject") %}
            |  "secmark" object_ref text %doneEnd                       {% as("declareObject") %}
            |  "synproxy" object_ref synproxy_config %doneEnd           {% as("declareObject") %}

delete_command -> "table" table %doneEnd                                {% as("deleteTable") %}
            |  "table" %family:? handle %doneEnd                        {% as("deleteTableHandle") %}
            |  "chain" object_ref %doneEnd                              {% as("deleteObject") %}
            |  "chain" table handle %doneEnd                            {% as("deleteObject") %}
            |  "rule" chain rule_handle %doneEnd                        {% as("deleteRule") %}
            |  %deletable object_ref %doneEnd                           {% as("deleteObject") %}
            |  %deletable table handle %doneEnd                         {% as("deleteObject") %}
            |  "ct" %ctBlock object_ref %doneEnd                        {% as("deleteCt") %}
            |  "element" object_ref elements %doneEnd                   {% as("elementCommand") %}
delete_block -> "chain" object_ref %openEnd                             {% as("deleteBlock") %}
            |  "flowtable" object_ref %openEnd                          {% as("deleteBlock") %}
destroy_block -> "flowtable" object_ref %openEnd                        {% as("deleteBlock") %}

flush_command -> "ruleset" %family:?                                    {% as("flushRuleset") %}
            |  "table" table                                            {% as("flushTable") %}
            |  %flushable object_ref                                    {% as("flushObject") %}
            |  "flow" "table" object_ref                                {% as("flushFlowTable") %}

reset_command -> %resetList %family:?                                   {% as("resetFamily") %}
            |  %resetList "table":? table                               {% as("resetTable") %}
            |  "rules" "chain":? object_ref                             {% as("resetObject") %}
            |  "rule" chain rule_handle                                 {% as("resetRule") %}
            |  %resettable object_ref                                   {% as("resetObject") %}
            |  "element" object_ref elements                            {% as("resetElement") %}

list_command -> "ruleset" %family:?                                     {% as("words") %}
            |  "table" table                                            {% as("listTable") %}
            |  %listPlural %family:?                                    {% as("words") %}
            |  %listByTable %family:?                                   {% as("words") %}
            |  %listByTable "table":? table                             {% as("listTable") %}
            |  %listKind object_ref                                     {% as("listObject") %}
            |  "flow" "tables" %family:?                                {% as("words") %}
            |  "flow" "table" object_ref                                {% as("listObject") %}
            |  "ct" %ctBlock object_ref                                 {% as("listObject") %}
            |  "ct" %ctPlural "table" table                             {% as("listTable") %}
            |  "hooks" %family:? hook_device:?                          {% as("words") %}
hook_device -> "device" %word                                           {% as("words") %}
monitor_command -> %monitorEvent:? %monitorObject:? markup:?            {% as("words") %}
markup      -> "xml"                                                    {% as("words") %}
            |  "json"                                                   {% as("words") %}
            |  "vm" "json"                                              {% as("words") %}

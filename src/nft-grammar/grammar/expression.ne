# Expressions. nft has three families: what may stand left of a comparison, right of it, and as a statement's argument.
# Operators are collected flat (`a & b | c`); the constructor gives them their precedence.

@lexer lexer

symbol      -> %symbol                                                  {% as("symbol") %}
variable    -> %variable                                                {% as("variable") %}
number      -> %number                                                  {% as("number") %}
name        -> %name                                                    {% as("name") %}
text        -> %string                                                  {% as("text") %}
time        -> %time                                                    {% as("time") %}
keyword     -> %keywordSymbol                                           {% as("keywordSymbol") %}
typed       -> %typedSymbol                                             {% as("typedSymbol") %}
            |  %boolean                                                 {% as("typedSymbol") %}
set         -> %set                                                     {% as("set") %}
verdict_set -> %verdictSet                                              {% as("set") %}
set_ref     -> "@" name                                                 {% as("setReference") %}
map_target  -> set {% pass %} | set_ref {% pass %} | variable {% pass %}

# right of a comparison, in elements and definitions
right_primary -> symbol {% pass %} | variable {% pass %} | number {% pass %} | keyword {% pass %} | typed {% pass %}
              |  "(" right_basic ")"                                    {% as("group") %}
right_basic   -> right_operands                                         {% as("operation") %}
right_operands -> right_primary                                         {% first %}
              |  right_operands %operator right_primary                 {% more %}
right_prefix  -> right_basic "/" number                                 {% as("prefix") %}
right_range   -> right_basic "-" right_basic                            {% as("range") %}
right_part    -> right_basic {% pass %} | right_prefix {% pass %} | right_range {% pass %}
right_concat  -> right_parts                                            {% as("concat") %}
right_parts   -> right_part                                             {% first %}
              |  right_parts "." right_part                             {% more %}
right_list    -> right_items                                            {% as("list") %}
right_items   -> right_basic "," right_basic                            {% more %}
              |  right_items "," right_basic                            {% more %}
right         -> right_concat {% pass %} | set {% pass %} | set_ref {% pass %}

# left of a comparison: only what reads something; nft refuses a constant there when it looks for its type
left_primary  -> selector {% pass %}
              |  "(" left_basic ")"                                     {% as("group") %}
left_basic    -> left_operands                                          {% as("operation") %}
left_operands -> left_primary                                           {% first %}
              |  left_operands %operator right_primary                  {% more %}
left_concat   -> left_parts                                             {% as("concat") %}
left_parts    -> left_basic                                             {% first %}
              |  left_parts "." left_basic                              {% more %}
left          -> left_concat {% pass %}
              |  left_concat "map" map_target                           {% as("map") %}

# keys that a statement adds to a set: constants may stand beside what is read
key_primary   -> selector {% pass %} | symbol {% pass %} | variable {% pass %} | number {% pass %}
              |  "(" key_part ")"                                       {% as("group") %}
key_part      -> key_operands                                           {% as("operation") %}
key_operands  -> key_primary                                            {% first %}
              |  key_operands %operator right_primary                   {% more %}
key_concat    -> key_parts                                              {% as("concat") %}
key_parts     -> key_part                                               {% first %}
              |  key_parts "." key_part                                 {% more %}

# arguments of statements
value_primary -> symbol {% pass %} | variable {% pass %} | number {% pass %} | keyword {% pass %}
              |  %boolean                                               {% as("typedSymbol") %}
              |  value_selector {% pass %}
              |  "(" value_basic ")"                                    {% as("group") %}
value_basic   -> value_operands                                         {% as("operation") %}
value_operands -> value_primary                                         {% first %}
              |  value_operands %operator value_primary                 {% more %}
value_concat  -> value_parts                                            {% as("concat") %}
value_parts   -> value_basic                                            {% first %}
              |  value_parts "." value_primary                          {% more %}
value_list    -> value_items                                            {% as("list") %}
value_items   -> value_item "," value_item                              {% more %}
              |  value_items "," value_item                             {% more %}
value_item    -> symbol {% pass %} | variable {% pass %} | keyword {% pass %}
value         -> value_concat {% pass %}
              |  value_concat "map" map_target                          {% as("map") %}
              |  value_basic "/" number                                 {% as("prefix") %}
              |  value_basic "-" value_basic                            {% as("range") %}
              |  value_list {% pass %}

# elements of sets and maps, one at a time
element       -> element_body %elementEnd                               {% pass %}
element_body  -> element_key element_state:? element_data:?             {% as("element") %}
              |  set                                                    {% as("element") %}
element_key   -> right_concat {% pass %}
              |  "*"                                                    {% as("catchall") %}
element_state -> stateful_list                                          {% as("elementState") %}
              |  stateful_list:? element_options stateful_list:?        {% as("elementState") %}
element_data  -> ":" right_concat                                       {% as("elementData") %}
              |  ":" verdict                                            {% as("elementData") %}
element_options -> element_option                                       {% first %}
              |  element_options element_option                         {% more %}
element_option -> "timeout" time                                        {% as("timeout") %}
              |  "timeout" never_time                                   {% as("timeout") %}
              |  "expires" time                                         {% as("expires") %}
              |  comment {% pass %}
never_time    -> "never"                                                {% as("neverTime") %}
comment       -> "comment" text                                         {% as("comment") %}

verdict       -> %verdict                                               {% as("verdict") %}
              |  "jump" chain_name                                      {% as("verdict") %}
              |  "goto" chain_name                                      {% as("verdict") %}
chain_name    -> name {% pass %} | variable {% pass %}

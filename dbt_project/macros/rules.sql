{# A model that stays in place keeps rows that earlier builds judged. By which rules is a row of `model_rules`, written
   in the transaction of the rows; a build by other rules stops, since the older rows would stay as they are. #}
{% macro keep_to_the_rules() %}
    {% if changes_relations() and has_rules() %}
        {% set known = {} %}
        {% for model, rules in run_query(
            "select model, rules from " ~ own_relation("model_rules")
        ).rows %}
            {% do known.update({model: rules}) %}
        {% endfor %}
        {% set rules = rules_of_this_model(known) %}
        {% do context.update({"rules_of_this_build": rules}) %}
        {% set relation = load_relation(this) %}
        {% if (
            model.config.materialized == "incremental"
            and not flags.FULL_REFRESH
            and relation is not none
            and relation.is_table
            and known.get(this.identifier) != rules
            and run_query("select 1 from " ~ this ~ " limit 1").rows
        ) %}
            {{
                exceptions.raise_compiler_error(
                    "The rules behind "
                    ~ this.identifier
                    ~ (
                        " have changed since its rows were built"
                        if this.identifier in known
                        else " are unknown for its rows"
                    )
                    ~ ": re-evaluate them with "
                    ~ build_command("--full-refresh --select " ~ model.name ~ "+")
                    ~ "."
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro record_rules() %}
    {% if changes_relations() and has_rules() %}
        insert into {{ own_relation("model_rules") }} as known (model, rules)
        values ('{{ this.identifier }}', '{{ context.rules_of_this_build }}')
        on conflict (model) do update set rules = excluded.rules, recorded_at = excluded.recorded_at
        where known.rules <> excluded.rules
        {% if model.config.materialized == "incremental" and flags.FULL_REFRESH %}
            ;
            -- No test has seen the rows that are there now.
            delete from {{ own_relation("verified_loads") }}
        {% endif %}
    {% endif %}
{% endmacro %}

{# Whether rows that stay may depend on this model: it stays in place itself, or another model reads it. #}
{% macro has_rules() %}
    {% for node in graph.nodes.values() if node.resource_type == "model" %}
        {% if model.unique_id in node.depends_on.nodes %} {{ return(true) }} {% endif %}
    {% endfor %}
    {{ return(model.config.materialized == "incremental") }}
{% endmacro %}

{# The statement as a build of everything sends it, and the rules behind what it reads: of models as they were built, of
   seeds their values. What only hooks read does not count. #}
{% macro rules_of_this_model(known) %}
    {% do context.update({"as_if_nothing_were_there": true}) %}
    {% set statements = [meaning_of(render(model.raw_code))] %}
    {% do context.update({"as_if_nothing_were_there": false}) %}
    {% set below = [] %}
    {% for cte in model.extra_ctes %}
        {% do statements.append(meaning_of(cte.sql)) %}
        {# What an ephemeral model reads this one does not name, so `ref` would refuse it. #}
        {% for id in graph.nodes[cte.id].depends_on.nodes if id in graph.nodes %}
            {% do below.append(known.get(graph.nodes[id].alias, "")) %}
        {% endfor %}
    {% endfor %}
    {% set rules = [statements | join(" ")] + below %}
    {% for id in model.depends_on.nodes | sort if id in graph.nodes %}
        {% set parent = graph.nodes[id] %}
        {% set relation = ref(parent.name) if parent.config.materialized != "ephemeral" %}
        {% if relation and adapter.quote(relation.identifier) in rules[0] %}
            {% if parent.resource_type == "seed" %}
                {% do rules.append(values_of_seed(parent, relation)) %}
            {% elif relation.schema == this.schema %}
                {% do rules.append(known.get(relation.identifier, "")) %}
            {% else %} {% do rules.append(rules_elsewhere(relation)) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return(local_md5(rules | join(";"))) }}
{% endmacro %}

{# Of a model in another schema, which this build only reads. #}
{% macro rules_elsewhere(relation) %}
    {% set known = relation.incorporate(path={"identifier": "model_rules"}) %}
    {% set question %}
        select rules from {{ known.render() }} where model = '{{ relation.identifier }}'
    {% endset %}
    {{ return(run_query(question).columns[0].values() | join if is_there(known) else "") }}
{% endmacro %}

{# A column that says nothing about rows has `meta: {is_descriptive: true}`. #}
{% macro values_of_seed(seed, relation) %}
    {% set columns = [] %}
    {% for column in adapter.get_columns_in_relation(relation) %}
        {% set described = seed.columns.get(column.name, {"config": {"meta": {}}}) %}
        {% if not described.config.meta.get("is_descriptive") %}
            {% do columns.append(column.quoted) %}
        {% endif %}
    {% endfor %}
    {% set question %}
        select md5(string_agg(line, ',' order by line collate "C"))
        from (select row({{ columns | join(", ") }})::text as line from {{ relation.render() }}) as lines
    {% endset %}
    {{ return((run_query(question).rows[0][0] if columns else "") or "") }}
{% endmacro %}

{# A statement without what means nothing: comments, layout, the database and schema of relations, and the names of
   common table expressions. Its words are separated by a character that no statement can have. #}
{% macro meaning_of(statement) %}
    {% set word -%}
        (?s)--[^\n]*|/\*.*?\*/|\s+|"[^"]*"\.(?=")|([eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|[\w$]+|.)
    {%- endset %}
    {% set meaning = modules.re.sub(
        "\x00+", "\x00", modules.re.sub(word, "\\1\x00", "\x00" ~ statement)
    ) %}
    {% set definition = "(?=\x00as\x00(?:[(]|materialized\x00|not\x00))" %}
    {% set names = modules.re.findall(
        "\x00(?:with|recursive|,)\x00([A-Za-z0-9_]+)" ~ definition, meaning
    ) %}
    {% set renamed = namespace(meaning=meaning) %}
    {% for name in names %}
        {% set renamed.meaning = modules.re.sub(
            "(?<=\x00)" ~ name ~ "(?:(?=\x00[.])|" ~ definition ~ ")",
            "#" ~ loop.index,
            renamed.meaning,
        ) %}
        {% set renamed.meaning = modules.re.sub(
            "(\x00(?:from|join)\x00)" ~ name ~ "(?=\x00|$)",
            "\\1#" ~ loop.index,
            renamed.meaning,
        ) %}
    {% endfor %}
    {{ return(renamed.meaning) }}
{% endmacro %}

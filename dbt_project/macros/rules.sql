{# A model that stays in place keeps rows that earlier builds judged. By which rules is a row of `model_rules`, written
   in the transaction of the rows; a build by other rules stops, since the older rows would stay as they are. #}
{% macro keep_to_the_rules() %}
    {% if changes_relations() %}
        {% do context.update({"rules_of_this_build": rules_of_this_model()}) %}
        {% set question %}
            select (select rules from {{ own_relation("model_rules") }} where model = '{{ this.identifier }}')
            {% if is_there(this, "r") %}, exists (select 1 from {{ this }} limit 1) {% endif %}
        {% endset %}
        {% set known_rules, has_rows = (run_query(question).rows[0].values() | list + [false])[
            :2
        ] %}
        {% if (
            model.config.materialized == "incremental"
            and has_rows
            and known_rules != context.rules_of_this_build
            and not flags.FULL_REFRESH
        ) %}
            {{
                exceptions.raise_compiler_error(
                    "The rules behind "
                    ~ this.identifier
                    ~ (
                        " have changed since its rows were built"
                        if known_rules
                        else " that its rows were built by are not known"
                    )
                    ~ ": re-evaluate them by `dbt build --full-refresh --select "
                    ~ model.name
                    ~ "+`."
                )
            }}
        {% endif %}
    {% endif %}
{% endmacro %}

{% macro record_rules() %}
    {% if changes_relations() %}
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

{# The statement as a build of everything sends it, and the rules behind what it reads: of models as they were built, of
   seeds their values. What only hooks read does not count. #}
{% macro rules_of_this_model() %}
    {% do context.update({"as_if_nothing_were_there": true}) %}
    {% set statements = [meaning_of(render(model.raw_code))] %}
    {% do context.update({"as_if_nothing_were_there": false}) %}
    {% for cte in model.extra_ctes %} {% do statements.append(meaning_of(cte.sql)) %} {% endfor %}
    {% set rules = [statements | join(" ")] %}
    {% for id in model.depends_on.nodes | sort if id in graph.nodes %}
        {% set parent = graph.nodes[id] %}
        {% set relation = ref(parent.name) if parent.config.materialized != "ephemeral" %}
        {% if relation and adapter.quote(relation.identifier) in rules[0].split() %}
            {% set known = relation.incorporate(path={"identifier": "model_rules"}) %}
            {% set question %}
                select rules from {{ known.render() }} where model = '{{ relation.identifier }}'
            {% endset %}
            {% if parent.resource_type == "seed" %}
                {% do rules.append(values_of_seed(parent, relation)) %}
            {% elif is_there(known) %}
                {% do rules.append(run_query(question).columns[0].values() | join) %}
            {% endif %}
        {% endif %}
    {% endfor %}
    {{ return(local_md5(rules | join(";"))) }}
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

{# A statement without what means nothing: comments, layout, the case of words, the database and schema of relations,
   and the names of common table expressions. #}
{% macro meaning_of(statement) %}
    {% set token -%}
        --[^\n]*|/\*.*?\*/|\s+|"[^"]*"\.(?=")|([eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|[\w$]+|.)
    {%- endset %}
    {% set tokens = [] %}
    {% for word in modules.re.findall("(?s)" ~ token, statement) if word %}
        {% do tokens.append(word if "'" in word or '"' in word else word | lower) %}
    {% endfor %}
    {% set names = [] %}
    {% for i in range(1, tokens | length - 2) %}
        {% if (
            tokens[i - 1] in ("with", "recursive", ",")
            and tokens[i + 1] == "as"
            and tokens[i + 2] in ("(", "materialized", "not")
        ) %}
            {% do names.append(tokens[i]) %}
        {% endif %}
    {% endfor %}
    {% set meaning = [] %}
    {% for i in range(tokens | length) %}
        {% set is_relation = (
            i > 0
            and tokens[i - 1] in ("with", "recursive", "from", "join")
            or tokens[i + 1] == "."
            or tokens[i + 1] == "as"
            and tokens[i + 2] in ("(", "materialized", "not")
        ) %}
        {% do meaning.append(
            "#" ~ names.index(tokens[i])
            if is_relation and tokens[i] in names
            else tokens[i]
        ) %}
    {% endfor %}
    {{ return(meaning | join(" ")) }}
{% endmacro %}

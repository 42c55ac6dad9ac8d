select relation
from unnest(%(relations)s) as relation
where to_regclass(relation) is null
order by relation

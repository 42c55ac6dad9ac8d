-- What is not ours and would be lost with the schemas raw and analytics, one per line: what hangs on their tables from
-- elsewhere (views, foreign keys, functions, publications), and what others than our roles have put into them.
with recursive

    dropped (classid, objid, objsubid) as (

        select 'pg_namespace'::regclass::oid, oid, 0
        from pg_namespace
        where nspname in ('raw', 'analytics')

        union

        select cascade.classid, cascade.objid, cascade.objsubid
        from dropped
        cross join
            lateral(
                select dependent.classid, dependent.objid, dependent.objsubid
                from pg_depend as dependent
                where
                    dependent.refclassid = dropped.classid
                    and dependent.refobjid = dropped.objid
                    and (dropped.objsubid = 0 or dependent.refobjsubid = dropped.objsubid)

                union all

                -- A part goes with its whole: a view with the rule that reads our table.
                select whole.refclassid, whole.refobjid, whole.refobjsubid
                from pg_depend as whole
                where whole.classid = dropped.classid and whole.objid = dropped.objid and whole.deptype = 'i'
            ) as cascade

    ),

    lost as (

        select dropped.classid, dropped.objid, dropped.objsubid
        from dropped
        cross join lateral pg_identify_object(dropped.classid, dropped.objid, dropped.objsubid) as object
        left join pg_class as relation on dropped.classid = 'pg_class'::regclass and dropped.objid = relation.oid
        where
            object.schema not in ('raw', 'analytics', 'pg_toast')
            or dropped.classid in ('pg_publication_rel'::regclass, 'pg_publication_namespace'::regclass)
            or pg_get_userbyid(relation.relowner) not in ('warehouse_owner', 'transformer')

    )

select pg_describe_object(lost.classid, lost.objid, lost.objsubid)
from lost
-- Not the parts of what is listed anyway.
where
    not exists (
        select
        from pg_depend as part
        inner join lost as whole on part.refclassid = whole.classid and part.refobjid = whole.objid
        where
            part.classid = lost.classid
            and part.objid = lost.objid
            and part.deptype in ('i', 'a')
            and (whole.classid, whole.objid) <> (lost.classid, lost.objid)
    )
order by 1

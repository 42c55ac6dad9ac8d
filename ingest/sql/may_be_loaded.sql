-- By its name too, because the size of what a compressed file holds is not known before it is read.
select exists (select from raw.loads where bytes = %(bytes)s or source_name = %(source_name)s)

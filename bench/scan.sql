-- The floor: every value that monitoring reads, read once. One file at a time, as windows come.
SELECT
    sum(COLUMNS('^(id|num_.*|score|label)$')),
    sum(strlen(COLUMNS('^(cat_.*|segment|sex|age_band)$')))
FROM read_parquet($file);

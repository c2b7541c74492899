-- Where outcomes exist after one decision alone: whom a figure describes, and between what it lies over all rows.
alter table result add column lowest double;
alter table result add column highest double;
alter table result add column population varchar;
-- A view keeps the columns of the day it was made.
drop view current_result;
create view current_result as
select result.*
from result
join current_window using (model_id, version_id, "window", run_seq);

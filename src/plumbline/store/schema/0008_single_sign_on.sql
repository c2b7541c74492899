-- Whether the house's provider signed the person in, which roles their groups let them act in (null: all that they
-- hold), when they last proved there who they are, and the page that they left to do so.
alter table session add column offered varchar;
alter table session add column by_provider boolean default false;
alter table session add column proven_at timestamp;
alter table session add column left_at varchar;

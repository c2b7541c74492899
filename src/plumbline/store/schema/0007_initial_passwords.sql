-- Whether a person's password is still the one that somebody else chose; nobody's was until this was written down.
alter table account add column initial_password boolean default false;

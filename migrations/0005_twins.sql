-- A twin: another name of a model, under which it is compared with itself (an A/A experiment).
alter table model add column twin_of uuid references model;
create unique index one_twin_of_a_model on model (twin_of);
comment on column model.twin_of is 'the model that answers under this name, too; a twin is never champion';
alter table model add constraint a_twin_only_challenges check (twin_of is null or role in ('candidate', 'challenger', 'retired'));

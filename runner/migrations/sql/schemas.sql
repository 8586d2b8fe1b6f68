-- The two schemas that hold what we keep. Asked first, because `if not exists` wants the right to create even when they are there.
do $$
begin
    if to_regnamespace('ops') is null then
        create schema ops;
    end if;
    if to_regnamespace('canon') is null then
        create schema canon;
    end if;
end
$$;

"""What customers refuse."""

from contracts.refusal import Refusal


class UnknownCustomer(Refusal):
    code = "unknown_customer"
    status = 422
    en = "There is no such customer"
    zh = "没有该客户"
    en_detail = "There is no customer {asked} that you may see."
    zh_detail = "没有您可以查看的客户 {asked}。"


class CustomerIsOwnParent(Refusal):
    code = "customer_is_own_parent"
    en = "A customer would stand above itself"
    zh = "客户不能成为自己的上级"
    en_detail = "{parent} belongs to {customer} already, directly or through others; choose another parent."
    zh_detail = "{parent} 已直接或间接隶属于 {customer};请选择其他母公司。"


class CustomerOfAnother(Refusal):
    code = "customer_of_another"
    status = 403
    en = "Somebody else looks after this customer"
    zh = "该客户由他人负责"
    en_detail = (
        "You see the customer through an opportunity; only its owner {owner} or their leaders may change it."
    )
    zh_detail = "您因商机可以查看该客户;只有负责人 {owner} 或其上级可以修改。"

"""The names that the made-up company draws from, in Chinese and English."""

REGIONS = (("east", "华东区 East"), ("north", "华北区 North"), ("south", "华南区 South"))

PRODUCT_LINES = ("cloud", "hardware", "security", "services")

SECTORS = ("manufacturing", "retail", "finance", "healthcare", "education", "logistics")

CITIES = (
    ("苏州", "Suzhou"), ("宁波", "Ningbo"), ("无锡", "Wuxi"), ("佛山", "Foshan"), ("东莞", "Dongguan"),
    ("青岛", "Qingdao"), ("大连", "Dalian"), ("合肥", "Hefei"), ("长沙", "Changsha"), ("厦门", "Xiamen"),
    ("西安", "Xi'an"), ("成都", "Chengdu"), ("武汉", "Wuhan"), ("郑州", "Zhengzhou"), ("沈阳", "Shenyang"),
    ("昆明", "Kunming"),
)  # fmt: skip

SURNAMES = (
    ("王", "Wang"), ("李", "Li"), ("张", "Zhang"), ("刘", "Liu"), ("陈", "Chen"), ("杨", "Yang"), ("赵", "Zhao"),
    ("黄", "Huang"), ("周", "Zhou"), ("吴", "Wu"), ("徐", "Xu"), ("孙", "Sun"), ("胡", "Hu"), ("朱", "Zhu"),
    ("高", "Gao"), ("林", "Lin"), ("何", "He"), ("郭", "Guo"), ("马", "Ma"), ("罗", "Luo"),
)  # fmt: skip

GIVEN_NAMES = (
    ("芳", "Fang"), ("伟", "Wei"), ("娜", "Na"), ("敏", "Min"), ("静", "Jing"), ("强", "Qiang"), ("磊", "Lei"),
    ("洋", "Yang"), ("艳", "Yan"), ("勇", "Yong"), ("杰", "Jie"), ("娟", "Juan"), ("涛", "Tao"), ("明", "Ming"),
    ("超", "Chao"), ("秀兰", "Xiulan"), ("霞", "Xia"), ("平", "Ping"), ("刚", "Gang"), ("桂英", "Guiying"),
)  # fmt: skip

PLACES = (
    ("长江", "Changjiang"), ("泰山", "Taishan"), ("珠江", "Pearl River"), ("黄河", "Yellow River"),
    ("燕山", "Yanshan"), ("西湖", "West Lake"), ("太湖", "Taihu"), ("白云", "Baiyun"), ("天府", "Tianfu"),
    ("钱塘", "Qiantang"), ("岭南", "Lingnan"), ("东海", "East Sea"),
)  # fmt: skip

TRADES = (
    ("精密制造", "Precision", "manufacturing"), ("连锁商业", "Stores", "retail"), ("融资租赁", "Leasing", "finance"),
    ("医疗器械", "Medical", "healthcare"), ("教育科技", "Learning", "education"),
    ("供应链", "Supply Chain", "logistics"),
)  # fmt: skip

FOREIGN_CUSTOMERS = (
    ("Northwind Trading", "retail", "United States"), ("Helvetia Instruments", "healthcare", "Switzerland"),
    ("Baltic Freight", "logistics", "Germany"), ("Pacific Optics", "manufacturing", "Singapore"),
    ("Meridian Insurance", "finance", "United Kingdom"), ("Sakura Learning", "education", "Japan"),
)  # fmt: skip
